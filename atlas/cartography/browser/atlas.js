/* Delta Atlas in the browser: draws what Python's MapDocument says.
 *
 * One entry, atlas.draw(map, spec). It fetches each layer's GeoJSON (named by its content,
 * so a file never changes under its name), and swaps everything in one go when all has
 * come: the view stays, nothing flashes. Text from data reaches the page as text nodes only.
 */
window.atlas = (function () {
  "use strict";
  const files = new Map();
  const DELTA = [[27.0, 114.8], [35.2, 123.0]];
  const state = { map: null, drawn: new Map(), ticket: 0, focus: null, spec: null };

  function fetchOnce(url) {
    if (!files.has(url)) {
      files.set(url, fetch(url).then(function (answer) {
        if (!answer.ok) { throw new Error(answer.status + " " + url); }
        return answer.json();
      }));
      files.get(url).catch(function () { files.delete(url); });
    }
    return files.get(url);
  }

  function node(tag, name, text) {
    const made = document.createElement(tag);
    if (name) { made.className = name; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function prepare(map) {
    if (state.map === map) { return; }
    state.map = map;
    const pane = map.createPane("atlas-background");
    pane.style.zIndex = 250;
    pane.style.pointerEvents = "none";
    map.createPane("atlas-labels").style.zIndex = 590;
    map.getPane("atlas-labels").style.pointerEvents = "none";
    state.background = L.canvas({ pane: "atlas-background", padding: 0.3 });
    state.canvas = L.canvas({ padding: 0.3, tolerance: 3 });
    state.labels = L.layerGroup().addTo(map);
    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    state.legend = corner("bottomright", "atlas-legend");
    state.notice = corner("topright", "atlas-notice");
    map.on("zoomend moveend", placeLabels);
    map.options.renderer = state.canvas;
    map.on("polylinemeasure:toggle", function (event) { answerClicks(!event.sttus); });
    fitFrame();
    map.fitBounds(DELTA, { animate: false });
    window.addEventListener("resize", fitFrame);
  }

  /* The page makes the frame lower on a small screen: the map follows. */
  function fitFrame() {
    const box = state.map.getContainer();
    box.style.maxHeight = window.innerHeight > 100 ? window.innerHeight + "px" : "";
    state.map.invalidateSize({ pan: true, animate: false });
  }

  /* A screen reader says the title of the frame. */
  function nameFrame(label) {
    state.map.getContainer().setAttribute("aria-label", label);
    if (window.frameElement) { window.frameElement.title = label; }
  }

  /* While a line is measured, a click sets a point and opens no popup. */
  function answerClicks(yes) {
    state.measuring = !yes;
    state.drawn.forEach(function (entry) {
      if (entry.spec.background) { return; }
      entry.group.eachLayer(function (shape) {
        (shape.getLayers ? shape.getLayers() : [shape]).forEach(function (part) {
          part.options.interactive = yes;
        });
      });
    });
  }

  function corner(position, name) {
    const control = L.control({ position: position });
    control.onAdd = function () {
      const box = node("div", "leaflet-control " + name);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(state.map);
    return control;
  }

  function styleOf(layer, key, focused) {
    const look = layer.looks[key];
    return {
      color: focused ? "#ffb000" : look.stroke, weight: focused ? look.weight + 2.5 : look.weight,
      dashArray: look.dash || null, fill: layer.kind !== "line", fillColor: look.fill,
      fillOpacity: look.fill_opacity, radius: look.radius, opacity: 1,
    };
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

  function build(layer, data, spec) {
    const background = layer.background;
    const options = {
      pane: background ? "atlas-background" : "overlayPane",
      renderer: background ? state.background : state.canvas,
      interactive: !background && !state.measuring,
      style: function (feature) { return styleOf(layer, feature.properties.k, false); },
      pointToLayer: function (feature, place) {
        return L.circleMarker(place, { renderer: state.canvas });
      },
    };
    if (!background) {
      options.onEachFeature = function (feature, shape) {
        shape.bindTooltip(function () { return summary(feature, state.spec.lang); },
          { sticky: true, className: "atlas-tooltip" });
        shape.bindPopup(function () { return detail(feature, state.spec.lang); },
          { maxWidth: 340, maxHeight: 260 });
      };
    }
    const group = L.geoJSON(data, options);
    return { group: group, data: data, spec: layer, looks: JSON.stringify(layer.looks) };
  }

  function swap(spec, contents) {
    const wanted = new Map();
    spec.layers.forEach(function (layer, place) {
      const old = state.drawn.get(layer.id);
      const same = old && old.spec.url === layer.url && old.looks === JSON.stringify(layer.looks);
      wanted.set(layer.id, same ? old : build(layer, contents[place], spec));
      wanted.get(layer.id).spec = layer;
    });
    state.drawn.forEach(function (old, id) {
      if (wanted.get(id) !== old) { state.map.removeLayer(old.group); }
    });
    state.drawn = wanted;
    spec.layers.forEach(function (layer) {
      const entry = wanted.get(layer.id);
      if (!state.map.hasLayer(entry.group)) { entry.group.addTo(state.map); }
      entry.group.bringToFront();
    });
  }

  function swatch(look, kind) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", 26); svg.setAttribute("height", 14);
    svg.setAttribute("aria-hidden", "true");
    const shapes = { polygon: ["rect", { x: 2, y: 2, width: 22, height: 10 }],
      line: ["line", { x1: 1, y1: 7, x2: 25, y2: 7 }], point: ["circle", { cx: 13, cy: 7, r: look.radius }] };
    const made = document.createElementNS(svg.namespaceURI, shapes[kind][0]);
    Object.entries(Object.assign({ stroke: look.stroke, "stroke-width": look.weight,
      "stroke-dasharray": look.dash, fill: look.fill,
      "fill-opacity": kind === "line" ? 0 : look.fill_opacity }, shapes[kind][1]))
      .forEach(function (pair) { made.setAttribute(pair[0], pair[1]); });
    svg.appendChild(made);
    return svg;
  }

  function drawLegend(spec) {
    const box = state.legend.getContainer();
    const open = box.dataset.open === undefined ? (state.map.getSize().x > 600 && state.map.getSize().y > 400) : box.dataset.open === "yes";
    const button = node("button", "", spec.legend_title);
    const list = node("ul");
    button.type = "button";
    function show(visible) {
      box.dataset.open = visible ? "yes" : "no";
      list.hidden = !visible;
      button.setAttribute("aria-expanded", String(visible));
    }
    button.addEventListener("click", function () { show(list.hidden); });
    spec.legend.forEach(function (entry) {
      const line = node("li");
      line.appendChild(swatch(entry.look, entry.kind));
      line.appendChild(node("span", "", entry.label));
      list.appendChild(line);
    });
    box.replaceChildren(button, list);
    show(open);
    const notice = state.notice.getContainer();
    notice.replaceChildren.apply(notice, spec.notices.map(function (text) { return node("div", "", text); }));
    state.map.attributionControl._attributions = {};
    spec.attributions.forEach(function (text) {
      state.map.attributionControl.addAttribution(node("i", "", text).outerHTML);
    });
  }

  function placeLabels() {
    state.labels.clearLayers();
    const taken = [];
    const size = state.map.getSize();
    state.drawn.forEach(function (entry) {
      if (!entry.spec.label || state.map.getZoom() < entry.spec.label_zoom) { return; }
      entry.data.features.forEach(function (feature) {
        const place = feature.properties.c;
        const text = feature.properties.l[state.spec.lang];
        const spot = state.map.latLngToContainerPoint([place[1], place[0]]);
        const half = text.length * (/[a-z]/i.test(text) ? 3.6 : 6.5) + 3;
        const box = [spot.x - half, spot.y - 8, spot.x + half, spot.y + 8];
        if (box[2] < 0 || box[3] < 0 || box[0] > size.x || box[1] > size.y) { return; }
        if (taken.some(function (b) { return box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]; })) { return; }
        taken.push(box);
        const icon = L.divIcon({ className: "atlas-label", html: node("span", "", text), iconSize: null });
        state.labels.addLayer(L.marker([place[1], place[0]],
          { icon: icon, pane: "atlas-labels", interactive: false, keyboard: false }));
      });
    });
  }

  function measure(spec) {
    if (state.measure && state.measureLang === spec.lang) { return; }
    if (state.measure) { state.map.removeControl(state.measure); }
    state.measureLang = spec.lang;
    state.measure = L.control.polylineMeasure(Object.assign(
      { position: "topleft", unit: "metres", clearMeasurementsOnStop: false, showClearControl: true },
      spec.measure));
    state.measure.addTo(state.map);
  }

  function tiles(spec) {
    if (!spec.tiles || state.tiles) { return; }
    state.tiles = L.tileLayer(spec.tiles.url,
      { attribution: node("i", "", spec.tiles.attribution).outerHTML }).addTo(state.map);
  }

  function fly(spec) {
    const focus = spec.focus ? spec.focus.place + " " + spec.focus.choice : null;
    state.drawn.forEach(function (entry) {
      if (entry.spec.background) { return; }
      entry.group.eachLayer(function (shape) {
        const named = spec.focus && spec.focus.layer === entry.spec.id
          && spec.focus.rows.includes(shape.feature.properties.i);
        if (named || shape.focused) {
          shape.setStyle(styleOf(entry.spec, shape.feature.properties.k, named));
          shape.focused = named;
          if (named) { shape.bringToFront(); }
        }
      });
    });
    if (focus === state.focus) { return; }
    state.focus = focus;
    if (spec.focus) {
      const b = spec.focus.bounds;
      state.map.fitBounds([[b[1], b[0]], [b[3], b[2]]],
        { maxZoom: 12, padding: [30, 30], animate: state.flown === true });
      state.flown = true;
    }
  }

  function failed(error) {
    const box = state.notice.getContainer();
    const line = node("div", "atlas-failed", state.spec.failed + " " + error.message);
    line.setAttribute("role", "alert");
    box.replaceChildren(line);
  }

  function draw(map, spec) {
    prepare(map);
    if (state.spec && state.spec.lang !== spec.lang) { map.closePopup(); }
    state.spec = spec;
    nameFrame(spec.label);
    const ticket = ++state.ticket;
    return Promise.all(spec.layers.map(function (layer) { return fetchOnce(layer.url); }))
      .then(function (contents) {
        if (ticket !== state.ticket) { return; }
        tiles(spec);
        swap(spec, contents);
        measure(spec);
        drawLegend(spec);
        fly(spec);
        placeLabels();
        document.documentElement.lang = spec.lang;
        document.body.dataset.atlasDrawn = String(ticket);
      }).catch(failed);
  }

  return { draw: draw, state: state };
})();
