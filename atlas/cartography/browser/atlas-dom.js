/* Pieces of the page: what a click and a tooltip tell, and a symbol of the legend.
 *
 * Text from data becomes text nodes only, never HTML.
 */
window.atlas = window.atlas || {};
window.atlas.dom = (function () {
  "use strict";

  function node(tag, name, text) {
    const made = document.createElement(tag);
    if (name) { made.className = name; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function drawing(width, height, shape, values) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const made = document.createElementNS(svg.namespaceURI, shape);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("aria-hidden", "true");
    Object.entries(values).forEach(function (pair) { made.setAttribute(pair[0], pair[1]); });
    svg.appendChild(made);
    return svg;
  }

  function detail(feature, lang) {
    const box = node("div", "atlas-popup");
    box.appendChild(node("strong", "", feature.properties.t[lang][0]));
    feature.properties.t[lang].slice(1).forEach(function (line) {
      box.appendChild(node("div", "", line));
    });
    const list = node("dl");
    (feature.properties.p || []).forEach(function (row) {
      list.appendChild(node("dt", "", row[0][lang]));
      list.appendChild(value(row[1][lang]));
    });
    box.appendChild(list);
    return box;
  }

  /* A value of one or more web addresses becomes links; anything else stays text. */
  function value(text) {
    const made = node("dd");
    const words = text.split(/\s+/);
    if (!words.every(isWebAddress)) {
      made.textContent = text;
      return made;
    }
    words.forEach(function (address) {
      const link = node("a", "", address);
      link.href = address; link.target = "_blank"; link.rel = "noopener";
      const line = node("div");
      line.appendChild(link);
      made.appendChild(line);
    });
    return made;
  }

  function isWebAddress(word) {
    return /^https?:\/\/[^\s]/i.test(word) && URL.canParse(word);
  }

  function summary(feature, lang) {
    const box = node("div");
    feature.properties.t[lang].slice(0, 3).forEach(function (line, place) {
      box.appendChild(node(place ? "div" : "strong", "", line));
    });
    return box;
  }

  function swatch(look, kind) {
    const shapes = { polygon: ["rect", { x: 2, y: 2, width: 22, height: 10 }],
      line: ["line", { x1: 1, y1: 7, x2: 25, y2: 7 }],
      point: ["circle", { cx: 13, cy: 7, r: look.radius }] };
    return drawing(26, 14, shapes[kind][0], Object.assign({ stroke: look.stroke,
      "stroke-width": look.weight, "stroke-dasharray": look.dash, fill: look.fill,
      "fill-opacity": kind === "line" ? 0 : look.fill_opacity }, shapes[kind][1]));
  }

  return { node: node, drawing: drawing, detail: detail, summary: summary, swatch: swatch };
})();
