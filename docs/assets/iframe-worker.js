"use strict";
// Browsers start no worker for a page that was opened from a folder, and the search runs in one.
// There, a worker's script runs in an empty frame instead, and messages are handed over directly.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inner = frame.contentWindow;
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = inner.document.createElement("script");
      script.src = url;
      script.addEventListener("load", () => {
        this.inner = inner;
        for (const data of this.waiting.splice(0)) this.postMessage(data);
      });
      inner.document.head.append(script);
    }
    postMessage(data) {
      if (this.inner === undefined) this.waiting.push(data);
      else this.inner.dispatchEvent(new MessageEvent("message", { data }));
    }
  };
}
