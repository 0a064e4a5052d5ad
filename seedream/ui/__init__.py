"""The page: a Blocks layout from the schema, and a gallery of what was made; and the same for scripts and agents.

Rule: a handler only asks the rooms below and tells the browser; nothing that must outlive a closed tab runs in
one. `page` and `controls` lay out the form, `gallery` is the component that shows jobs and pictures, `submission`
is the one way from values to a job, `events` tells how jobs are, `endpoints` is what scripts and agents call.
"""
