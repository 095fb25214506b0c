// On every page of Dashboards that comes through the front: says that this is a shared view and when it ends, and tells a page
// whose link is no longer the one this browser holds, because another one was opened.
"use strict";
(() => {
  const remaining = (seconds) => {
    for (const [size, name] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
      const count = Math.floor(seconds / size);
      if (count >= 1) return "in " + count + " " + name + (count === 1 ? "" : "s");
    }
    return "in less than a minute";
  };
  let own = null;
  let note = null;

  function show(text, urgent) {
    if (!note) {
      // In a shadow tree, and by properties only: neither the page's styles nor its policy touch it.
      const host = document.createElement("weir-marker");
      note = document.createElement("button");
      note.type = "button";
      note.title = "Hide";
      const style = {
        all: "initial", position: "fixed", right: "12px", bottom: "12px", zIndex: "2147483000", maxWidth: "calc(100vw - 24px)", padding: "4px 12px",
        borderRadius: "14px", background: "#343741", color: "#fff", font: "12px/1.5 system-ui, sans-serif", cursor: "pointer", boxShadow: "0 1px 4px #0006",
      };
      for (const [name, value] of Object.entries(style)) note.style[name] = value;
      note.addEventListener("click", () => host.remove());
      host.attachShadow({ mode: "open" }).append(note);
      document.body.append(host);
    }
    note.setAttribute("role", urgent ? "alert" : "status");
    if (urgent) note.style.background = "#8c1d12";
    note.textContent = text;
  }

  async function look() {
    let view = null;
    try {
      const response = await fetch("/.weir/view", { cache: "no-store" });
      if (response.status === 401) { show("This shared link no longer works.", true); return null; }
      view = await response.json();
    } catch {
      return null;  // away for a moment
    }
    if (own === null) own = view.view;
    if (own !== view.view) show("Another shared link was opened in this browser. Reload to see what it shows.", true);
    return own === view.view ? view : null;
  }

  async function begin() {
    const view = await look();
    if (!view) return;
    const parts = ["Shared view"];
    if (view.expiresAt !== null) parts.push("expires " + remaining(view.expiresAt - view.now));
    if (view.replaced) parts.push("took the place of another link in this browser");
    if (view.marker) show(parts.join(" \u00b7 "), false);
    const channel = new BroadcastChannel("weir");
    channel.onmessage = (event) => { if (event.data !== own) look(); };
    channel.postMessage(own);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") look(); });
  }
  begin();
})();
