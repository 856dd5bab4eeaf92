// What the pages of the widgets share; `page` in page.py puts it before each of them.

function add(parent, element, attributes, text) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  parent.append(element);
  return element;
}

function svg(parent, name, attributes, text = "") {
  return add(parent, document.createElementNS("http://www.w3.org/2000/svg", name), attributes, text);
}

function html(parent, name, attributes = {}, text = "") {
  return add(parent, document.createElement(name), attributes, text);
}

// Draw now and whenever one of the traits changes; what comes back ends that.
function follow(model, traits, draw) {
  const events = traits.map((trait) => `change:${trait}`);
  events.forEach((event) => model.on(event, draw));
  draw();
  return () => events.forEach((event) => model.off?.(event, draw));
}
