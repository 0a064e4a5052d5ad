"""The browser's modules alone, under the Node that Playwright brings."""
