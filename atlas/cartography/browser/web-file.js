/* The map in one file: everything that it shows lies in the page, nothing is fetched.
 *
 * The rows of all plan versions come in <script id="data">; the day decides which are drawn,
 * counted in the legend and listed in the table (web-period.js). Text from data becomes text
 * nodes only (atlas-dom.js).
 */
window.atlas.file = (function () {
  "use strict";
  const dom = window.atlas.dom;
  const period = window.atlas.period;
  const GRID = 1e5;
  const LABEL_ZOOM = 6;
  const TABLE_MOST = 1000;
  const NARROW = 600;
  const DAY = /^\d{4}-\d{2}-\d{2}$/;
  const TABLE = ["layer", "name", "version", "part", "status", "valid_from", "valid_to", "source"];
  const SOURCES = ["layer", "edition", "published", "hash", "source", "accuracy", "licence"];
  const data = JSON.parse(element("data").textContent);
  const state = { lang: data.lang, day: data.day, drawn: 0, shown: [], chosen: null };

  function element(id) { return document.getElementById(id); }

  function say(name, values) {
    return data.words[state.lang][name].replace(/\{(\w+)\}/g, function (all, field) {
      return values && field in values ? String(values[field]) : all;
    });
  }

  /* Shapes: whole numbers of a hundred-thousandth of a degree, each from the one before. */
  function places(flat) {
    const made = [];
    let x = 0;
    let y = 0;
    for (let at = 0; at < flat.length; at += 2) {
      x += flat[at];
      y += flat[at + 1];
      made.push([y / GRID, x / GRID]);
    }
    return made;
  }

  function styleOf(layer, row, chosen) {
    const look = layer.looks[row.k];
    return { color: chosen ? "#ffb000" : look.stroke, weight: look.weight + (chosen ? 2.5 : 0),
      dashArray: look.dash || null, fill: layer.kind !== "line", fillColor: look.fill,
      fillOpacity: look.fill_opacity, radius: look.radius, opacity: 1 };
  }

  function shapeOf(layer, row) {
    if (row.shape || row.g === null) { return row.shape; }
    const options = Object.assign({ interactive: !layer.background,
      pane: layer.background ? "atlas-background" : "overlayPane",
      renderer: layer.background ? state.below : state.canvas }, styleOf(layer, row, false));
    const coded = data.shapes[row.g];
    if (layer.kind === "point") {
      row.shape = L.circleMarker(places(coded)[0], options);
    } else if (layer.kind === "line") {
      row.shape = L.polyline(coded.map(places), options);
    } else {
      row.shape = L.polygon(coded.map(function (rings) { return rings.map(places); }), options);
    }
    if (!layer.background) {
      row.shape.bindTooltip(function () { return dom.summary(told(layer, row), state.lang); },
        { sticky: true, className: "atlas-tooltip" });
      row.shape.bindPopup(function () { return dom.detail(told(layer, row), state.lang); },
        { maxWidth: 340, maxHeight: 260 });
    }
    return row.shape;
  }

  /* A row as atlas-dom.js tells it; whether it is in doubt depends on the day. */
  function told(layer, row) {
    const lines = {};
    const doubt = period.uncertain(row, state.day);
    Object.keys(data.words).forEach(function (lang) {
      lines[lang] = row.x[lang].concat(doubt ? [data.words[lang].date_uncertain] : []);
    });
    return { properties: { t: lines, p: row.p.map(function (cell) {
      return [layer.columns[cell[0]], cell[1]];
    }) } };
  }

  function prepare() {
    const map = L.map("map", { preferCanvas: true, zoomSnap: 0.5, minZoom: 5, maxZoom: 14,
      attributionControl: false, zoomControl: false });
    state.map = map;
    map.createPane("atlas-background").style.zIndex = 250;
    map.getPane("atlas-background").style.pointerEvents = "none";
    map.createPane("atlas-labels").style.zIndex = 590;
    map.getPane("atlas-labels").style.pointerEvents = "none";
    state.below = L.canvas({ pane: "atlas-background", padding: 0.3 });
    state.canvas = L.canvas({ padding: 0.3, tolerance: 3 });
    state.labels = L.layerGroup().addTo(map);
    state.groups = data.layers.map(function () { return L.layerGroup().addTo(map); });
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    const b = data.bounds;
    map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { animate: false });
    map.on("zoomend moveend", placeLabels);
  }

  /* Controls say their words in the language of the page. */
  function nameControls() {
    if (state.zoom) { state.zoom.remove(); }
    state.zoom = L.control.zoom({ zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") });
    state.zoom.addTo(state.map);
    state.map.getContainer().setAttribute("aria-label", say("map_label"));
  }

  function draw() {
    state.shown = data.layers.map(function (layer) { return period.asOf(layer.rows, state.day); });
    state.map.closePopup();
    choose(null);
    data.layers.forEach(function (layer, place) {
      state.groups[place].clearLayers();
      state.shown[place].forEach(function (index) {
        const shape = shapeOf(layer, layer.rows[index]);
        if (shape) { state.groups[place].addLayer(shape); shape.bringToFront(); }
      });
    });
    tell();
    state.drawn += 1;
    document.body.dataset.atlasDrawn = String(state.drawn);
  }

  function choose(chosen) {
    [state.chosen, chosen].forEach(function (one) {
      if (!one || !one.row.shape) { return; }
      one.row.shape.setStyle(styleOf(one.layer, one.row, one === chosen));
      if (one === chosen) { one.row.shape.bringToFront(); }
    });
    state.chosen = chosen;
  }

  /* All that is said of what is drawn. */
  function tell() {
    drawTime();
    drawLegend();
    drawTable();
    placeLabels();
  }

  function stepOf(day) {
    let found = 0;
    data.steps.forEach(function (step, place) { if (step <= day) { found = place; } });
    return found;
  }

  function drawTime() {
    const at = stepOf(state.day);
    const slider = element("slider");
    slider.max = String(data.steps.length - 1);
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", state.day);
    element("day").value = state.day;
    element("previous").disabled = at === 0 && state.day <= data.steps[0];
    element("next").disabled = at === data.steps.length - 1;
    const next = data.steps[at + 1];
    element("state").textContent = next ? say("state_until", { day: data.steps[at], next: next })
      : say("state_open", { day: data.steps[at] });
  }

  function legendLabel(layer, key, count) {
    const entry = layer.legend.find(function (one) { return one.key === key; });
    const values = { title: entry.title[state.lang], count: count };
    if (!entry.variant) { return say("legend_entry", values); }
    values.variant = entry.variant[state.lang];
    return say("legend_variant", values);
  }

  /* The legend of the day, as map_document.legend has it: top layer first. */
  function legendOf() {
    const entries = [];
    data.layers.slice().reverse().forEach(function (layer) {
      if (layer.background) { return; }
      const counts = {};
      state.shown[data.layers.indexOf(layer)].forEach(function (index) {
        const key = layer.rows[index].k;
        counts[key] = (counts[key] || 0) + 1;
      });
      layer.legend.forEach(function (entry) {
        if (counts[entry.key]) {
          entries.push({ label: legendLabel(layer, entry.key, counts[entry.key]),
            look: layer.looks[entry.key], kind: layer.kind });
        }
      });
    });
    return entries;
  }

  function drawLegend() {
    element("legend-title").textContent = say("legend");
    element("legend-list").replaceChildren(...legendOf().map(function (entry) {
      const line = node("li");
      line.append(dom.swatch(entry.look, entry.kind), node("span", "", entry.label));
      return line;
    }));
  }

  function node(tag, name, text) { return dom.node(tag, name, text); }

  function head(columns) {
    const line = node("tr");
    columns.forEach(function (name) {
      const cell = node("th", "", say("column_" + name));
      cell.scope = "col";
      line.appendChild(cell);
    });
    const made = node("thead");
    made.appendChild(line);
    return made;
  }

  function listed() {
    const rows = [];
    data.layers.forEach(function (layer, place) {
      if (layer.background) { return; }
      state.shown[place].forEach(function (index) {
        rows.push({ layer: layer, row: layer.rows[index] });
      });
    });
    return rows;
  }

  function drawTable() {
    const rows = listed();
    const doubtful = rows.filter(function (one) { return period.uncertain(one.row, state.day); });
    const notes = [say("table_help")];
    if (!rows.length) { notes.push(say("table_empty", { day: state.day })); }
    if (doubtful.length) {
      notes.push(say("uncertain", { count: doubtful.length, day: state.day }));
    }
    if (rows.length > TABLE_MOST) {
      notes.push(say("table_most", { most: TABLE_MOST, count: rows.length }));
    }
    const table = node("table");
    const body = node("tbody");
    rows.slice(0, TABLE_MOST).forEach(function (one) { body.appendChild(line(one)); });
    table.append(head(TABLE), body);
    element("features").replaceChildren(
      node("h2", "", say("table", { count: rows.length })),
      ...notes.map(function (text) { return node("p", "note", text); }), wrapped(table));
  }

  function wrapped(table) {
    const box = node("div", "wide");
    box.appendChild(table);
    return box;
  }

  function line(one) {
    const made = node("tr");
    const cells = one.row.d[state.lang].slice();
    if (period.uncertain(one.row, state.day)) { cells[2] += " · " + say("doubtful"); }
    const name = node("td");
    if (one.row.g === null) {
      name.textContent = one.row.x[state.lang][0] + " (" + say("no_extent") + ")";
    } else {
      const button = node("button", "fly", one.row.x[state.lang][0]);
      button.type = "button";
      button.addEventListener("click", function () { fly(one); });
      name.appendChild(button);
    }
    made.append(node("td", "", one.layer.title[state.lang]), name);
    cells.forEach(function (text, place) {
      made.appendChild(node("td", place === 3 || place === 4 ? "date" : "", text));
    });
    return made;
  }

  function fly(one) {
    choose(one);
    const shape = one.row.shape;
    const bounds = shape.getBounds ? shape.getBounds() : L.latLngBounds([shape.getLatLng()]);
    state.map.fitBounds(bounds, { maxZoom: 11, padding: [30, 30], animate: false });
    element("map").scrollIntoView({ block: "nearest" });
    shape.openPopup(bounds.getCenter());
  }

  function placeLabels() {
    state.labels.clearLayers();
    if (state.map.getZoom() < LABEL_ZOOM) { return; }
    const taken = [];
    const size = state.map.getSize();
    data.layers.forEach(function (layer, place) {
      if (!layer.label) { return; }
      state.shown[place].forEach(function (index) { label(layer.rows[index], size, taken); });
    });
  }

  function label(row, size, taken) {
    if (!row.c) { return; }
    const text = row.l[state.lang];
    const spot = state.map.latLngToContainerPoint([row.c[1], row.c[0]]);
    const half = text.length * (/[a-z]/i.test(text) ? 3.6 : 6.5) + 3;
    const box = [spot.x - half, spot.y - 8, spot.x + half, spot.y + 8];
    if (box[2] < 0 || box[3] < 0 || box[0] > size.x || box[1] > size.y) { return; }
    if (taken.some(function (b) { return box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]; })) { return; }
    taken.push(box);
    const icon = L.divIcon({ className: "atlas-label", html: node("span", "", text), iconSize: null });
    state.labels.addLayer(L.marker([row.c[1], row.c[0]],
      { icon: icon, pane: "atlas-labels", interactive: false, keyboard: false }));
  }

  function drawSources() {
    const table = node("table");
    const body = node("tbody");
    data.layers.slice().reverse().forEach(function (layer) {
      const made = node("tr");
      const title = layer.title[state.lang];
      const cells = [layer.background ? say("background", { layer: title }) : title,
        String(layer.edition), layer.published, layer.sha256, layer.source[state.lang],
        layer.accuracy[state.lang], layer.licence + " · " + layer.attribution[state.lang]];
      cells.forEach(function (text, place) {
        made.appendChild(node("td", ["", "", "date", "hash"][place] || "", text));
      });
      body.appendChild(made);
    });
    table.append(head(SOURCES), body);
    const lines = [say("made", data), say("shapes"), say("credits")];
    element("sources").replaceChildren(node("h2", "", say("sources")), wrapped(table),
      ...lines.map(function (text) { return node("p", "note", text); }));
  }

  /* Everything once more in a language. */
  function speak(lang) {
    state.lang = lang;
    const other = Object.keys(data.words).find(function (one) { return one !== lang; });
    document.documentElement.lang = lang;
    document.title = say("title");
    element("title").textContent = say("title");
    element("subtitle").textContent = say("subtitle");
    element("notice").textContent = say("notice");
    element("language").textContent = data.words[other].language;
    element("language").lang = other;
    [["day-label", "day"], ["previous", "previous"], ["next", "next"], ["slider", "slider"]]
      .forEach(function (pair) {
        const part = element(pair[0]);
        if (part.tagName === "SPAN") { part.textContent = say(pair[1]); return; }
        part.title = say(pair[1]);
        part.setAttribute("aria-label", say(pair[1]));
      });
    nameControls();
    state.map.closePopup();
    tell();
    drawSources();
  }

  function go(day) {
    if (!DAY.test(day) || day < data.first || day > data.last) { drawTime(); return; }
    state.day = day;
    draw();
  }

  function start() {
    prepare();
    state.shown = data.layers.map(function () { return []; });
    element("language").addEventListener("click", function () {
      speak(Object.keys(data.words).find(function (one) { return one !== state.lang; }));
    });
    element("slider").addEventListener("input", function () {
      go(data.steps[Number(element("slider").value)]);
    });
    element("legend").open = window.innerWidth > NARROW;
    element("oldest").textContent = data.steps[0].slice(0, 4);
    element("newest").textContent = data.steps[data.steps.length - 1].slice(0, 4);
    element("day").min = data.first;
    element("day").max = data.last;
    element("day").addEventListener("change", function () { go(element("day").value); });
    element("previous").addEventListener("click", function () {
      const at = stepOf(state.day);
      go(data.steps[state.day > data.steps[at] ? at : Math.max(0, at - 1)]);
    });
    element("next").addEventListener("click", function () {
      go(data.steps[Math.min(data.steps.length - 1, stepOf(state.day) + 1)]);
    });
    draw();
    speak(state.lang);
  }

  start();
  return { state: state, data: data, legend: legendOf };
})();
