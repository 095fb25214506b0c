// The built-in log viewer. It asks the front for two things, which ask the gate as the link's holder: a search, and the list of
// fields. What is shown is only ever text: nothing of a document becomes markup.
"use strict";
(() => {
  const PAGE = 50;
  const BARS = 60;
  const MAX_ROWS = 2000;
  const RANGES = { "15m": 900e3, "1h": 3600e3, "24h": 86400e3, "7d": 7 * 86400e3, "30d": 30 * 86400e3 };
  const STEPS = [1e3, 5e3, 10e3, 30e3, 60e3, 300e3, 600e3, 1800e3, 3600e3, 3 * 3600e3, 6 * 3600e3, 12 * 3600e3, 86400e3, 7 * 86400e3, 30 * 86400e3];
  const by = (id) => document.getElementById(id);
  const svg = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const element = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  };
  const state = { view: "", time: null, shown: 0, total: 0, asked: 0, query: null };

  class Refusal extends Error {}

  async function ask(path, body) {
    const headers = { "X-Weir-View": state.view };
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch("/.weir/" + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store" });
    let answer = null;
    try { answer = await response.json(); } catch { answer = null; }
    if (response.ok && answer) return answer;
    const cause = answer && answer.error && answer.error.root_cause && answer.error.root_cause[0];
    if (response.status === 409) throw new Refusal("Another shared link was opened in this browser. Reload to see what it shows.");
    if (response.status === 401) throw new Refusal("This link no longer works. Ask whoever shared it with you for a new one.");
    throw new Refusal((cause && cause.reason) || (answer && answer.message) || "The search could not be answered (" + response.status + ").");
  }

  function complain(text) {
    by("alert").textContent = text || "";
    by("alert").hidden = !text;
  }

  const two = (number) => String(number).padStart(2, "0");
  function local(ms) {
    const at = new Date(ms);
    return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + "T" + two(at.getHours()) + ":" + two(at.getMinutes()) + ":" + two(at.getSeconds());
  }
  const shown = (ms) => local(ms).replace("T", " ");

  function remaining(seconds) {
    for (const [size, name] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
      const count = Math.floor(seconds / size);
      if (count >= 1) return "in " + count + " " + name + (count === 1 ? "" : "s");
    }
    return "in less than a minute";
  }

  function mark(view) {
    const parts = ["Shared view"];
    if (view.expiresAt !== null) parts.push("expires " + remaining(view.expiresAt - view.now));
    if (view.replaced) parts.push("took the place of another link in this browser");
    by("marker").textContent = parts.join(" \u00b7 ");
    by("marker").hidden = !view.marker;
    if (view.expiresAt !== null) by("marker").title = new Date(view.expiresAt * 1000).toLocaleString();
  }

  function findTimeField(fields) {
    const dates = Object.keys(fields).filter((name) => "date" in fields[name] || "date_nanos" in fields[name]);
    return ["@timestamp", "timestamp", "time", "date"].find((name) => dates.includes(name)) || dates.sort()[0] || null;
  }

  // The chosen range in milliseconds; empty ends are open.
  function range() {
    const chosen = by("range").value;
    if (chosen === "custom") {
      const end = (id) => (by(id).value ? new Date(by(id).value).getTime() : null);
      return { from: end("from"), to: end("to") };
    }
    return chosen === "all" ? { from: null, to: null } : { from: Date.now() - RANGES[chosen], to: Date.now() };
  }

  function queryOf(words, { from, to }) {
    const filter = [];
    if (words) filter.push({ query_string: { query: words, default_operator: "AND", lenient: true, analyze_wildcard: true } });
    if (state.time && (from !== null || to !== null)) {
      const bounds = { format: "epoch_millis" };
      if (from !== null) bounds.gte = from;
      if (to !== null) bounds.lte = to;
      filter.push({ range: { [state.time]: bounds } });
    }
    return filter.length ? { bool: { filter } } : { match_all: {} };
  }

  async function search() {
    const turn = ++state.asked;
    document.body.classList.add("busy");
    complain("");
    try {
      const query = queryOf(by("query").value.trim(), range());
      const body = { size: PAGE, track_total_hits: true, query };
      if (state.time) {
        body.sort = [{ [state.time]: { order: "desc", unmapped_type: "date" } }];
        body.aggs = { first: { min: { field: state.time } }, last: { max: { field: state.time } } };
      }
      const answer = await ask("gate/_search", body);
      if (turn !== state.asked) return;
      state.query = query;
      state.total = answer.hits.total.value;
      state.shown = 0;
      by("rows").replaceChildren();
      add(answer.hits.hits);
      by("count").textContent = state.total.toLocaleString("en") + (state.total === 1 ? " document" : " documents");
      await draw(query, answer.aggregations, turn);
    } catch (error) {
      if (turn === state.asked) fail(error);
    } finally {
      if (turn === state.asked) document.body.classList.remove("busy");
    }
  }

  function fail(error) {
    complain(error instanceof Refusal ? error.message : "The shared view does not answer. Try again in a moment.");
    by("count").textContent = "No answer";
  }

  async function draw(query, ends, turn) {
    by("figure").hidden = true;
    if (!state.time || !ends || ends.first.value === null) return;
    const chosen = range();
    const first = chosen.from ?? ends.first.value;
    const last = chosen.to ?? ends.last.value;
    const step = STEPS.find((size) => (last - first) / size <= BARS) || STEPS[STEPS.length - 1];
    const answer = await ask("gate/_search", {
      size: 0, query,
      aggs: { time: { date_histogram: { field: state.time, fixed_interval: step / 1000 + "s", min_doc_count: 1 } } },
    });
    if (turn !== state.asked) return;
    const counts = new Map(answer.aggregations.time.buckets.map((bucket) => [bucket.key, bucket.doc_count]));
    const begin = Math.floor(first / step) * step;
    const bars = Math.min(Math.floor(last / step) - begin / step + 1, 400);
    const most = Math.max(1, ...counts.values());
    const chart = by("histogram");
    chart.replaceChildren();
    chart.setAttribute("viewBox", "0 0 " + bars * 10 + " 100");
    for (let i = 0; i < bars; ++i) {
      const at = begin + i * step;
      const count = counts.get(at) || 0;
      const height = count ? Math.max(2, (count / most) * 98) : 0;
      const group = svg("g", {});
      const title = svg("title", {});
      title.textContent = shown(at) + ": " + count.toLocaleString("en");
      group.append(title, svg("rect", { class: "bar", x: i * 10 + 1, y: 100 - height, width: 8, height }),
        svg("rect", { class: "hit", x: i * 10, y: 0, width: 10, height: 100 }));
      group.addEventListener("click", () => zoom(at, at + step - 1));
      chart.append(group);
    }
    chart.setAttribute("aria-label", "Documents over time: " + counts.size + " bars between " + shown(first) + " and " + shown(last) + ", at most " + most + " each");
    by("first").textContent = shown(first);
    by("last").textContent = shown(last);
    by("interval").textContent = "per " + (step % 86400e3 === 0 ? step / 86400e3 + " d" : step % 3600e3 === 0 ? step / 3600e3 + " h" : step % 60e3 === 0 ? step / 60e3 + " min" : step / 1e3 + " s");
    by("figure").hidden = false;
  }

  function zoom(from, to) {
    by("range").value = "custom";
    by("from").value = local(from);
    by("to").value = local(to + 999);
    showCustom();
    search();
  }

  // `{a: {b: 1}}` as [["a.b", 1]].
  function flat(source, prefix = "", out = []) {
    for (const [key, value] of Object.entries(source)) {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) flat(value, prefix + key + ".", out);
      else out.push([prefix + key, value]);
    }
    return out;
  }
  const text = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));

  function add(hits) {
    for (const hit of hits) {
      const fields = flat(hit._source || {});
      const time = fields.find(([name]) => name === state.time);
      const row = element("tr");
      const open = element("button", "+");
      open.type = "button";
      open.setAttribute("aria-expanded", "false");
      open.setAttribute("aria-label", "Details of document " + hit._id);
      const first = element("td", undefined, "open");
      first.append(open);
      const source = element("div", undefined, "source");
      for (const [name, value] of fields) {
        if (time && name === time[0]) continue;
        source.append(element("b", name), " " + text(value) + " ");
      }
      const cell = element("td", undefined, "text");
      cell.append(source);
      const at = time ? new Date(time[1]).getTime() : NaN;
      row.append(first, element("td", Number.isNaN(at) ? (time ? text(time[1]) : "") : shown(at), "time"), cell);
      open.addEventListener("click", () => toggle(row, open, hit, fields));
      by("rows").append(row);
    }
    state.shown += hits.length;
    by("more").hidden = state.shown >= Math.min(state.total, MAX_ROWS);
  }

  function toggle(row, open, hit, fields) {
    const expanded = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", String(!expanded));
    open.textContent = expanded ? "+" : "\u2212";
    if (expanded) { row.nextElementSibling.remove(); return; }
    const list = element("dl");
    for (const [name, value] of [["_index", hit._index], ["_id", hit._id], ...fields]) {
      const said = element("dd", text(value));
      if (!name.startsWith("_") && (typeof value !== "object" || value === null)) {
        const only = element("button", "only this");
        only.type = "button";
        only.setAttribute("aria-label", "only this " + name);
        only.addEventListener("click", () => narrow(name, text(value)));
        said.append(only);
      }
      list.append(element("dt", name), said);
    }
    const cell = element("td", undefined, "details");
    cell.colSpan = 3;
    cell.append(list);
    const details = element("tr");
    details.append(cell);
    row.after(details);
  }

  function narrow(name, value) {
    const escaped = name.replace(/[\\:() ]/g, "\\$&") + ':"' + value.replace(/["\\]/g, "\\$&") + '"';
    const before = by("query").value.trim();
    by("query").value = before ? "(" + before + ") AND " + escaped : escaped;
    search();
  }

  async function more() {
    const turn = state.asked;
    by("more").disabled = true;
    try {
      const body = { from: state.shown, size: PAGE, query: state.query };
      if (state.time) body.sort = [{ [state.time]: { order: "desc", unmapped_type: "date" } }];
      const answer = await ask("gate/_search", body);
      if (turn === state.asked) add(answer.hits.hits);
    } catch (error) {
      fail(error);
    } finally {
      by("more").disabled = false;
    }
  }

  function showCustom() {
    for (const node of document.querySelectorAll(".custom")) node.hidden = by("range").value !== "custom";
  }

  by("form").addEventListener("submit", (event) => { event.preventDefault(); search(); });
  by("range").addEventListener("change", () => { showCustom(); if (by("range").value !== "custom") search(); });
  by("more").addEventListener("click", more);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    by("query").focus();
  });

  (async () => {
    try {
      const view = await ask("view");
      state.view = view.view;
      mark(view);
      state.time = findTimeField((await ask("gate/_field_caps")).fields || {});
      by("range").disabled = !state.time;
      await search();
    } catch (error) {
      fail(error);
    }
  })();
})();
