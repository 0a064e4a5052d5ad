import gradio

gradio.Interface(lambda text: text, "text", "text").launch()
