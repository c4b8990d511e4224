// What scripts add to the console's pages. Every page works without this file;
// every word that a person reads stands in the page, not here.
(function () {
  "use strict";
  var doc = document, body = doc.body;
  var $ = function (sel, from) { return (from || doc).querySelector(sel); };
  var all = function (sel, from) { return Array.prototype.slice.call((from || doc).querySelectorAll(sel)); };
  var kept = {
    get: function (k) { try { return localStorage.getItem("tocsin/" + k); } catch (e) { return null; } },
    set: function (k, v) { try { localStorage.setItem("tocsin/" + k, v); return true; } catch (e) { return false; } },
    drop: function (k) { try { localStorage.removeItem("tocsin/" + k); } catch (e) { /* a browser without storage keeps nothing */ } }
  };

  // Time. The server's clock counts; this machine's may be wrong.
  var offset = 0;
  function heard(iso) { var t = Date.parse(iso); if (!isNaN(t)) { offset = t - Date.now(); } }
  function now() { return Date.now() + offset; }
  heard(body.dataset.now);
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function span(ms) {
    var sign = ms < 0 ? "\u2212" : "", s = Math.floor(Math.abs(ms) / 1000);
    if (s >= 172800) { return sign + Math.floor(s / 86400) + "d " + two(Math.floor(s % 86400 / 3600)) + "h"; }
    return sign + Math.floor(s / 3600) + ":" + two(Math.floor(s % 3600 / 60)) + ":" + two(s % 60);
  }
  function tick() {
    var t = now();
    if (!lost) {
      all("time.count").forEach(function (el) {
        var d = Date.parse(el.getAttribute("datetime")) - t;
        if (el.classList.contains("age")) { d = -d; }
        else if (d <= 0 && !el.classList.contains("late")) { el.classList.add("late"); ring(); }
        var text = span(d);
        if (el.textContent !== text) { el.textContent = text; }
      });
    }
    all("time.clock").forEach(function (el) {
      var d = new Date(t), text = two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) + ":" + two(d.getUTCSeconds());
      if (el.textContent !== text) { el.textContent = text; }
    });
    watchLine();
  }

  // The line to the server. A page that does not hear it says so.
  var lost = false, last = Date.now(), lostAt = 0, source = null, patience = 45000;
  function sign() { last = Date.now(); if (lost) { setLost(false); } }
  function setLost(is) {
    lost = is;
    if (is) { lostAt = Date.now(); }
    $("#lost").hidden = !is;
    body.classList.toggle("stale", is);
    if (!is) { moved(); }
  }
  function watchLine() {
    if (!source) { return; }
    if (!lost && Date.now() - last > patience) { setLost(true); listen(); }
    if (lost) { $("#lost .lost-for").textContent = span(Date.now() - last); }
  }
  var failing = 0;
  function listen() {
    if (source) { source.close(); }
    source = new EventSource(body.dataset.live);
    source.addEventListener("beat", function (e) { failing = 0; heard(e.data); sign(); });
    source.addEventListener("moved", function () { failing = 0; sign(); moved(); });
    source.addEventListener("locked", function () { all("form[data-draft]").forEach(keep); location.reload(); });
    source.onerror = function () {
      failing = failing || Date.now();
      if (!lost && Date.now() - failing > 4000) { setLost(true); }
      if (source.readyState === EventSource.CLOSED) { setTimeout(listen, 3000); if (!lost) { setLost(true); } }
    };
  }
  // A page asks for itself at once, and once more after a while if more has happened
  // meanwhile: what is left out in between is never the last thing that happened.
  var asking = null, askAgain = 0, pace = Number(body.dataset.pace || 1) * 1000;
  function moved() {
    if (asking || !window.htmx) { return; }
    asking = setTimeout(function () {
      asking = null; askAgain = Date.now() + pace;
      window.htmx.trigger(body, "moved");
    }, Math.max(0, askAgain - Date.now()));
  }

  // Sound, for those who asked for it, and the number in the title.
  var sounding = kept.get("sound") === "on", audio = null, rang = 0;
  function ring() {
    if (!sounding || Date.now() - rang < 5000) { return; }
    rang = Date.now();
    try {
      audio = audio || new AudioContext();
      [0, 0.28].forEach(function (at) {
        var o = audio.createOscillator(), g = audio.createGain(), t = audio.currentTime + at;
        o.frequency.value = 660; g.gain.setValueAtTime(0.0001, t); g.gain.exponentialRampToValueAtTime(0.25, t + 0.02);
        g.gain.exponentialRampToValueAtTime(0.0001, t + 0.24); o.connect(g).connect(audio.destination); o.start(t); o.stop(t + 0.25);
      });
    } catch (e) { /* a browser without sound shows what there is to see */ }
  }
  var speaker = $("[data-sound]");
  if (speaker) {
    speaker.hidden = false;
    speaker.setAttribute("aria-pressed", String(sounding));
    speaker.addEventListener("click", function () {
      sounding = !sounding; kept.set("sound", sounding ? "on" : "off");
      speaker.setAttribute("aria-pressed", String(sounding)); rang = 0; ring();
    });
  }
  var was = null;
  function count() {
    var live = $("#live");
    if (!live || live.dataset.badge === undefined) { return; }
    var n = Number(live.dataset.badge), plain = doc.title.replace(/^\(\d+\) /, "");
    doc.title = n > 0 ? "(" + n + ") " + plain : plain;
    var is = n + Number(live.dataset.unread || 0);
    if (was !== null && is > was) { ring(); }
    was = is;
  }

  // Drafts: what is typed survives the browser. One draft for each person and form.
  function fields(form) {
    return all("textarea, input, select", form).filter(function (f) {
      return f.name && f.type !== "hidden" && f.type !== "file" && f.type !== "password";
    });
  }
  function written(form) {
    var out = {}, any = form.dataset.refused !== undefined;
    fields(form).forEach(function (f) {
      var on = f.type === "checkbox" || f.type === "radio";
      if (on ? f.checked !== f.defaultChecked : f.value !== initial(f)) { any = true; }
      if (on) { (out[f.name] = out[f.name] || []); if (f.checked) { out[f.name].push(f.value); } } else { out[f.name] = f.value; }
    });
    return any ? out : null;
  }
  function initial(f) {
    if (f.tagName !== "SELECT") { return f.defaultValue; }
    var o = all("option", f).filter(function (x) { return x.defaultSelected; })[0] || f.options[0];
    return o ? o.value : "";
  }
  // A draft ends when the server took the form, which the next page says, or when
  // somebody empties the form themselves. A form that came back refused holds what was
  // typed as its first values, so that nothing in it counts as changed: it is kept whole.
  function keep(form) {
    var w = written(form), k = "draft/" + form.dataset.draft, note = $("[data-saved]", form);
    if (!w) {
      if (form.dataset.touched) { kept.drop(k); }
      return;
    }
    if (kept.set(k, JSON.stringify(w)) && note) { note.textContent = note.dataset.saySaved; }
  }
  function restore(form) {
    var text = kept.get("draft/" + form.dataset.draft);
    if (!text || form.dataset.refused !== undefined) { return; }
    var w;
    try { w = JSON.parse(text); } catch (e) { return; }
    fields(form).forEach(function (f) {
      var v = w[f.name];
      if (v === undefined) { return; }
      if (f.type === "checkbox" || f.type === "radio") { f.checked = v.indexOf(f.value) >= 0; } else if (f.value === initial(f)) { f.value = v; }
      if (f.type === "checkbox" || f.type === "radio" ? f.checked !== f.defaultChecked : f.value !== initial(f)) { unfold(f, form); }
    });
    if (!written(form)) { return; } // what it held has been done, or is what stands there anyway
    form.classList.add("restored");
    var note = $("[data-saved]", form);
    if (note) { note.textContent = note.dataset.sayBack; }
  }
  function drafts() {
    if (body.dataset.cleared) { kept.drop("draft/" + body.dataset.cleared); }
    all("form[data-draft]").forEach(restore);
    var due = null;
    doc.addEventListener("input", function (e) {
      var form = e.target.form;
      if (!form || !form.dataset.draft) { return; }
      form.dataset.touched = "1";
      clearTimeout(due); due = setTimeout(keep, 250, form);
    });
    window.addEventListener("pagehide", function () { all("form[data-draft]").forEach(keep); });
  }

  // How many of the guard's questions a form answers, as it stands.
  function tally(form) {
    var said = $("[data-tally]", form);
    if (!said) { return; }
    said.hidden = false;
    $("b", said).textContent = String(all(".reason input:checked", form).length);
  }
  doc.addEventListener("change", function (e) { if (e.target.form) { tally(e.target.form); } });

  // A form that is under way is not sent a second time.
  doc.addEventListener("submit", function (e) {
    var form = e.target;
    if (form.method !== "post" || e.defaultPrevented) { return; }
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () { all("form[data-sent]").forEach(function (f) { delete f.dataset.sent; }); });

  // unfold opens what is folded around an element, as far out as a limit.
  function unfold(el, limit) {
    for (var up = el.parentElement; up && up !== limit; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
  }
  // What is gone to stands at the top of the window. In the middle, the head of a form
  // that is taller than the window would be above it.
  function arrive(at, focus) {
    unfold(at);
    at.scrollIntoView({ block: "start" });
    if (focus) { focus.focus({ preventScroll: true }); }
  }
  // Where somebody goes on in a form: at what is wrong, else at its first field, which of
  // a choice is what is chosen.
  function firstField(d) {
    if (d.tagName === "DETAILS") { return $("[aria-invalid=true]", d) || $("textarea, input:not([type=hidden]), select, button", d); }
    var wrong = $(".fault", d), from = wrong ? wrong.closest("fieldset") : d;
    return $("[aria-invalid=true]", from) || $("input[type=radio]:checked", from);
  }

  // The action that an address names is opened, and its first field gets the focus; so does
  // the heading of anything else that is to be read before it is acted on.
  function openNamed(id) {
    var d = id && doc.getElementById(id);
    if (!d) { return; }
    if (d.matches(".asking, .question")) {
      var q = firstField(d);
      arrive(q && q.closest(".question") || d, q);
      return;
    }
    if (d.tagName !== "DETAILS") { arrive(d, d.hasAttribute("tabindex") ? d : $("[tabindex]", d)); return; }
    d.open = true;
    arrive(d, firstField(d));
  }
  // A refusal is where one is taken and what is read out, with the ways to its fields in it.
  function showRefusal(told) {
    var asking = told.closest(".asking");
    if (asking) { openNamed(asking.id); return; }
    arrive(told.closest(".act") || told, told);
  }
  doc.addEventListener("click", function (e) {
    var a = e.target.closest("[data-field]"), f = a && doc.getElementById(a.dataset.field);
    if (!f) { return; }
    e.preventDefault();
    unfold(f);
    (f.matches("fieldset") ? $("input", f) || f : f).focus({ preventScroll: true });
    f.scrollIntoView({ block: f.offsetHeight > innerHeight / 2 ? "start" : "center" });
  });
  doc.addEventListener("click", function (e) {
    var a = e.target.closest("[data-open]");
    if (!a) { return; }
    e.preventDefault();
    var form = doc.getElementById(a.dataset.form);
    if (form && form.tagName === "DETAILS") { form.open = true; }
    openNamed(a.dataset.open);
  });

  // Copying. Where the browser does not let a page copy, what is to be copied is marked.
  all("[data-copies]").forEach(function (box) {
    var text = doc.getElementById(box.dataset.copies), said = $("[role=status]", box);
    function mark() {
      var range = doc.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      said.textContent = said.dataset.sayMarked;
    }
    box.hidden = false;
    $("button", box).addEventListener("click", function () {
      if (!navigator.clipboard) { mark(); return; }
      navigator.clipboard.writeText(text.textContent).then(function () { said.textContent = said.dataset.sayCopied; }, mark);
    });
  });

  // Words of a report are put into the field for quotes that had the focus last. What
  // was selected is kept, since pressing a button may end the selection.
  var chosen = "", into = null;
  function wordsChosen() {
    var s = window.getSelection(), at = s && s.rangeCount ? s.getRangeAt(0).commonAncestorContainer : null;
    var words = at && (at.nodeType === 1 ? at : at.parentElement).closest("[data-words]");
    return words ? { text: String(s).trim(), box: words.closest(".quoting") } : null;
  }
  function quoteFields(box) { return all("textarea[name^=quote]", box); }
  function label(f) {
    var set = f.closest("fieldset.set"), before = f.closest(".field").previousElementSibling;
    var l = set ? $("legend", set) : before && $("label", before);
    return l ? l.firstChild.textContent.trim() : "";
  }
  function aim(f) {
    into = f;
    var say = $("[data-into]", f.closest(".quoting"));
    if (say) { say.textContent = label(f); }
  }
  function quote(box) {
    var w = wordsChosen();
    if (w && w.box === box && w.text) { chosen = w.text; }
    if (!chosen) { return; }
    if (!into || !box.contains(into)) { aim(quoteFields(box).filter(function (f) { return !f.value; })[0] || quoteFields(box)[0]); }
    into.value = (into.value.trim() ? into.value.trim() + "\n" : "") + chosen;
    chosen = "";
    all(".quoted").forEach(function (f) { f.classList.remove("quoted"); });
    into.classList.add("quoted");
    into.dispatchEvent(new Event("input", { bubbles: true }));
    into.scrollIntoView({ block: "nearest" });
  }
  all(".quoting").forEach(function (box) {
    if (!quoteFields(box).length) { return; }
    $("[data-quoting]", box).hidden = false;
    aim(quoteFields(box)[0]);
    box.addEventListener("focusin", function (e) { if (e.target.matches("textarea[name^=quote]")) { aim(e.target); } });
    $("[data-quote]", box).addEventListener("click", function () { quote(box); });
  });
  into = null;
  doc.addEventListener("selectionchange", function () {
    var w = wordsChosen();
    if (w && w.text) { chosen = w.text; }
  });

  // The part of a case that is on the screen is marked in its contents.
  var toc = all(".toc a");
  if (toc.length && window.IntersectionObserver) {
    var seen = {};
    var marking = new IntersectionObserver(function (list) {
      list.forEach(function (x) { seen[x.target.id] = x.isIntersecting; });
      var first = toc.filter(function (a) { return seen[a.hash.slice(1)]; })[0];
      toc.forEach(function (a) { if (a === first) { a.setAttribute("aria-current", "true"); } else { a.removeAttribute("aria-current"); } });
    }, { rootMargin: "-60px 0px -60% 0px" });
    toc.forEach(function (a) { var part = doc.getElementById(a.hash.slice(1)); if (part) { marking.observe(part); } });
  }

  // Keys.
  var dialog = $("#keys"), off = $("#keys-off"), waitG = 0;
  if (off) {
    off.checked = kept.get("keys") === "off";
    off.addEventListener("change", function () { kept.set("keys", off.checked ? "off" : "on"); });
  }
  function showKeys() { if (dialog && !dialog.open) { dialog.showModal(); } }
  doc.addEventListener("click", function (e) {
    if (e.target.closest("[data-keys]") && dialog) { e.preventDefault(); showKeys(); }
  });
  function step(by) {
    var links = all(".strip .victim, table.sheet tbody th a, table.ladder tbody th a, .hits > li > a");
    if (!links.length) { return; }
    var at = links.indexOf(doc.activeElement), row = doc.activeElement && doc.activeElement.closest(".strip");
    if (at < 0 && row) { at = links.indexOf($(".victim", row)); }
    var next = links[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by, 0), links.length - 1)];
    next.focus(); next.scrollIntoView({ block: "nearest" });
  }
  doc.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || (off && off.checked && e.key !== "Escape")) { return; }
    if (e.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])") || (dialog && dialog.open)) { return; }
    if (waitG && Date.now() - waitG < 1500) {
      waitG = 0;
      var a = all("[data-go]").filter(function (x) { return x.dataset.go === e.key; })[0];
      if (a) { e.preventDefault(); a.click(); }
      return;
    }
    var row = doc.activeElement && doc.activeElement.closest(".strip");
    switch (e.key) {
      case "?": e.preventDefault(); showKeys(); break;
      case "g": waitG = Date.now(); break;
      case "j": e.preventDefault(); step(1); break;
      case "k": e.preventDefault(); step(-1); break;
      case "n": var n = (row && $("[data-next]", row)) || $("[data-next]"); if (n) { e.preventDefault(); n.click(); } break;
      case "0": case "1": case "2": case "3": case "4": case "5": case "6": case "7": case "8": case "9":
        var w = $('[data-view="' + e.key + '"]'); if (w) { e.preventDefault(); w.click(); } break;
      case "q": var w2 = wordsChosen(); if (w2 && w2.box) { e.preventDefault(); quote(w2.box); } break;
      case "/": var s = $("[data-search]"); if (s) { e.preventDefault(); s.focus(); s.select(); } break;
    }
  });

  // The place that is open stands where it can be seen in a row that is too long.
  all("nav a[aria-current]").forEach(function (a) {
    var row = a.closest("nav");
    if (row.scrollWidth > row.clientWidth) { row.scrollLeft = a.offsetLeft - row.offsetLeft - (row.clientWidth - a.offsetWidth) / 2; }
  });

  // The menu under one's name closes when something else is meant.
  var me = $(".me");
  if (me) {
    doc.addEventListener("click", function (e) { if (!me.contains(e.target)) { me.open = false; } });
    me.addEventListener("keydown", function (e) {
      if (e.key === "Escape" && me.open) { me.open = false; $("summary", me).focus(); }
    });
  }

  // Filters apply themselves.
  doc.addEventListener("change", function (e) {
    var form = e.target.closest(".filter");
    if (form && e.target.tagName === "SELECT") { form.requestSubmit(); }
  });

  doc.addEventListener("htmx:beforeSwap", function (e) {
    // Somebody who is typing in the search is not interrupted.
    var a = doc.activeElement;
    if (e.detail.target && e.detail.target.contains(a) && /^(INPUT|SELECT|TEXTAREA)$/.test(a.tagName)) { e.detail.shouldSwap = false; }
    if (e.detail.xhr.status >= 400) { e.detail.shouldSwap = false; }
  });
  // A part of the page that was asked for too soon is asked for again when it may be.
  doc.addEventListener("htmx:responseError", function (e) {
    var x = e.detail.xhr;
    if (x.status === 429) { setTimeout(moved, 1000 * (Number(x.getResponseHeader("Retry-After")) || 5)); }
    // A case that was sealed from whoever has it open does not stay on their screen.
    if (x.status === 404 && e.detail.target && e.detail.target.id === "news") { location.reload(); }
  });
  doc.addEventListener("htmx:afterSettle", function () { count(); tick(); });

  drafts();
  all(".asking form").forEach(tally);
  count();
  var refusal = $("main .formerror");
  if (refusal) {
    showRefusal(refusal);
  } else if (location.hash) {
    openNamed(location.hash.slice(1));
    // The browser goes to what the address names once more when the page has loaded, and takes the focus off.
    window.addEventListener("load", function () {
      setTimeout(function () { if (doc.activeElement === body) { openNamed(location.hash.slice(1)); } }, 0);
    });
  }
  if (body.dataset.live && window.EventSource) { listen(); }
  tick();
  setInterval(tick, 1000);
})();
