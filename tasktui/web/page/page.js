// Runs after textual.js, which connects a terminal to `data-session-websocket-url` when the window has loaded.
"use strict";

const connect = window.onload;

function focusWhenConnected() {
  const body = document.body;
  new MutationObserver((_changes, observer) => {
    if (body.classList.contains("-loaded")) {
      document.querySelector(".xterm-helper-textarea").focus();
      observer.disconnect();
    }
  }).observe(body, { attributeFilter: ["class"] });
}

window.onload = async (event) => {
  const fonts = ["", "bold ", "italic "].map((style) => document.fonts.load(`${style}16px "Roboto Mono"`));
  // the emulator measures its cells once: a font that came later would not fit them
  await Promise.allSettled(fonts);
  document.getElementById("again").onclick = () => location.reload();
  const socket = new URL("ws", location.href).href.replace(/^http/, "ws");
  document.getElementById("terminal").dataset.sessionWebsocketUrl = socket;
  focusWhenConnected();
  connect(event);
};
