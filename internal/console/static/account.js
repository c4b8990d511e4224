// What a browser must do for passkeys: ask the authenticator, and bring its answer
// to the server. Every word that a person reads stands in the page, not here.
(function () {
  "use strict";
  var doc = document;
  if (!window.PublicKeyCredential || !navigator.credentials) { return; }
  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/")), out = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i++) { out[i] = plain.charCodeAt(i); }
    return out;
  }
  function text(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (b) { plain += String.fromCharCode(b); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function ask(path, body) {
    return fetch(path, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: body }).then(function (r) {
      return r.json().then(function (answer) {
        if (!r.ok) { throw { code: answer.code || "passkey" }; }
        return answer;
      });
    });
  }
  function ids(list) { return (list || []).map(function (c) { return Object.assign({}, c, { id: bytes(c.id) }); }); }
  function answered(c, response) {
    return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined,
      clientExtensionResults: c.getClientExtensionResults(), response: response });
  }
  function signIn() {
    return ask("/sign-in/passkey/begin", "{}").then(function (options) {
      var o = options.publicKey;
      o.challenge = bytes(o.challenge);
      o.allowCredentials = ids(o.allowCredentials);
      return navigator.credentials.get({ publicKey: o });
    }).then(function (c) {
      var r = c.response;
      return ask("/sign-in/passkey/finish", answered(c, { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData),
        signature: text(r.signature), userHandle: r.userHandle ? text(r.userHandle) : undefined }));
    });
  }
  function register(name) {
    return ask("/account/passkey/begin", "{}").then(function (options) {
      var o = options.publicKey;
      o.challenge = bytes(o.challenge);
      o.user.id = bytes(o.user.id);
      o.excludeCredentials = ids(o.excludeCredentials);
      return navigator.credentials.create({ publicKey: o });
    }).then(function (c) {
      var r = c.response;
      return ask("/account/passkey/finish?name=" + encodeURIComponent(name), answered(c, { clientDataJSON: text(r.clientDataJSON),
        attestationObject: text(r.attestationObject), transports: r.getTransports ? r.getTransports() : [] }));
    });
  }
  // What became of it goes to the server with the form, which says it in the
  // person's language and keeps what the form holds.
  function send(form, name, value) {
    var f = doc.createElement("input");
    f.type = "hidden"; f.name = name; f.value = value;
    form.appendChild(f);
    form.noValidate = true;
    HTMLFormElement.prototype.submit.call(form);
  }
  function code(e) { return e && e.code && typeof e.code === "string" ? e.code : e && e.name === "InvalidStateError" ? "passkey_known" : "passkey_none"; }

  Array.prototype.forEach.call(doc.querySelectorAll("[data-passkey]"), function (box) {
    var form = doc.getElementById(box.dataset.passkey), button = box.querySelector("[data-passkey-go]");
    box.hidden = false;
    button.addEventListener("click", function () {
      button.disabled = true;
      signIn().then(function (a) {
        if (a.pending) { throw { code: "passkey" }; }
        send(form, "passkey", "yes");
      }).catch(function (e) { send(form, "problem", code(e)); });
    });
  });
  Array.prototype.forEach.call(doc.querySelectorAll("[data-passkey-add]"), function (form) {
    form.hidden = false;
    form.addEventListener("submit", function (e) {
      e.preventDefault();
      e.stopPropagation();
      var button = form.querySelector("button");
      button.disabled = true;
      register(form.elements.passkey_name.value.trim()).then(function () { location.assign("/account"); })
        .catch(function (err) { send(form, "problem", code(err)); });
    });
  });
})();
