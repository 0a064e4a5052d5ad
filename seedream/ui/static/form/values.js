// What is chosen in the form, as the page's scripts know it. The controls are Gradio's: they tell each change,
// and a button out of sight asks Gradio to set them.

const values = {};
const listeners = new Set();
let fields = [];
let pending = {};

/** Know the schema's fields, as the form offers them. */
export function begin(offered) {
  fields = offered;
  for (const { name, default: usual } of fields) values[name] = usual;
}

/** What is chosen at this moment, by the fields' names. */
export function now() {
  return { ...values };
}

/** Hear of each change, and of how it is at the start. */
export function listen(listener) {
  listeners.add(listener);
  listener();
}

/** Put these values into the form. What is not named stays as it is, also what is being typed. */
export function put(changes) {
  Object.assign(pending, changes);
  take(changes);
  document.querySelector("#fill").click();
}

/** Put a whole request into the form; what it does not say becomes the default. */
export function putAll(request) {
  put(Object.fromEntries(fields.map(({ name, default: usual }) => [name, request[name] ?? usual])));
}

/** What Gradio is to set, in the schema's order; an update that says nothing leaves a control alone. */
export function filling() {
  const asked = fields.map(({ name }) => (name in pending ? pending[name] : { __type__: "update" }));
  pending = {};
  return asked;
}

/** Take in what was typed. */
export function typed(name, text) {
  take({ [name]: text });
}

/** Take in what the controls hold, in the schema's order. Typing has told of the texts already, and sooner. */
export function heard(held) {
  const told = fields.map(({ name, choices }, index) => [name, choices.length ? held[index] : undefined]);
  take(Object.fromEntries(told.filter(([name, value]) => value !== undefined && !(name in pending))));
}

function take(changes) {
  Object.assign(values, changes);
  for (const listener of listeners) listener();
}
