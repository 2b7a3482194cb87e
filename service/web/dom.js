// Small ways to read and build the page. Text only ever becomes text, never markup.

/** The element with an id; every id that is asked for is in index.html, which a test checks. */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Show some elements and hide the others. */
export function show(...shown) {
  for (const id of ["empty", "progress", "result"]) byId(id).hidden = !shown.includes(id);
}

/** A size as people read it. */
export function size(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
