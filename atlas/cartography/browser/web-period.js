/* Valid time in the browser: which rows are in force on a day, and of which it is not known.
 *
 * The rule of atlas/core/period.py (as_of, day_uncertain), word for word; a test compares the
 * two on every published row. A row has i (id), r (part), f and t (first day, and first day no
 * longer in force, or null), fp and tp (their precision), and n (ids of successors) if it names
 * any. Days are ISO texts, which compare as days do.
 */
window.atlas = window.atlas || {};
window.atlas.period = (function () {
  "use strict";
  const DECEMBER = 12;

  function padded(number, digits) { return String(number).padStart(digits, "0"); }

  /* First day after the month or year that a date is known to. */
  function windowEnd(day, precision) {
    const year = Number(day.slice(0, 4));
    const month = Number(day.slice(5, 7));
    if (precision === "month" && month < DECEMBER) {
      return padded(year, 4) + "-" + padded(month + 1, 2) + "-01";
    }
    return padded(year + 1, 4) + "-01-01";
  }

  function insideWindow(day, precision, asked) {
    if (typeof day !== "string" || typeof precision !== "string" || precision === "day") {
      return false;
    }
    return day <= asked && asked < windowEnd(day, precision);
  }

  function keyOf(id, part, day) { return JSON.stringify([id, part, day]); }

  /* Places of the rows whose period holds the day, or may hold it. */
  function asOf(rows, asked) {
    const begun = new Set(rows.map(function (row) { return keyOf(row.i, row.r, row.f); }));
    return rows.map(function (row, place) { return place; }).filter(function (place) {
      const row = rows[place];
      if (row.f !== null && row.f > asked) { return false; }
      if (row.t === null || row.t > asked) { return true; }
      return insideWindow(row.t, row.tp, asked)
        && ![row.i].concat(row.n || []).some(function (id) { return begun.has(keyOf(id, row.r, row.t)); });
    });
  }

  /* Whether it is not known if a row was in force on the day. */
  function uncertain(row, asked) {
    return insideWindow(row.f, row.fp, asked) || insideWindow(row.t, row.tp, asked);
  }

  return { asOf: asOf, uncertain: uncertain };
})();
