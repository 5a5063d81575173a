// What stands in a form is kept before anybody saves it: on the server every few seconds, and in this
// browser for as long as the server cannot be had. Also tells who else has the form open. The server's
// part is portal/cms/admin/autosaving.py.
"use strict";

const AFTER_TYPING = 3000;
const WHILE_TYPING = 15000;
const HEARTBEAT = 20000;
const PATIENCE = 15000; // for an answer
const KEEPALIVE_BYTES = 60000; // of the 64 KB a browser grants to requests that outlive their page
const LOCAL_DAYS = 14;
const LOCAL = "autosave:";
const TAKEN = "autosave-taken"; // in the tab's own storage: the copy that was just put back

// The copies in this browser, by person, form and token. `handed`: its form was sent, or is about to be
// thrown away; the server says whether that came to pass.
class LocalCopies {
  constructor(owner, address, done) {
    this.owner = `${LOCAL}${owner}:`;
    this.prefix = `${this.owner}${address}:`;
    const taken = this.read(TAKEN, sessionStorage);
    const old = Date.now() - LOCAL_DAYS * 24 * 3600 * 1000;
    for (const [key, copy] of this.entries(LOCAL)) {
      const ours = key.startsWith(this.owner);
      const isDone = ours && copy.handed && done.includes(key.split(":").at(-1));
      const isTaken = taken?.key === key && taken.at === copy.at;
      if (isDone || isTaken || !(copy.at > old)) localStorage.removeItem(key);
    }
  }

  // Storage may be full, switched off, or hold what is not ours.
  read(key, storage = localStorage) {
    try {
      return JSON.parse(storage.getItem(key));
    } catch {
      return null;
    }
  }

  entries(prefix) {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
      return keys.map((key) => [key, this.read(key) ?? {}]);
    } catch {
      return [];
    }
  }

  // Return whether there was room.
  write(token, copy, storage = localStorage) {
    try {
      storage.setItem(this.prefix + token, JSON.stringify({ at: Date.now(), ...copy }));
      return true;
    } catch {
      return false;
    }
  }

  remove(token) {
    try {
      localStorage.removeItem(this.prefix + token);
    } catch {
      // there is none, then
    }
  }

  // The one just put back is not offered again, unless its form, still open, goes on.
  markTaken(token) {
    try {
      const key = this.prefix + token;
      sessionStorage.setItem(TAKEN, JSON.stringify({ key, at: this.read(key).at }));
    } catch {
      // it is offered once more
    }
  }

  all() {
    return this.entries(this.prefix)
      .map(([key, copy]) => ({ ...copy, token: key.slice(this.prefix.length) }))
      .sort((one, other) => other.at - one.at);
  }
}

class Autosave {
  constructor(form, box) {
    this.form = form;
    this.box = box;
    this.token = form.elements.form_token.value;
    const version = form.elements.edit_version?.value;
    this.version = version ? Number(version) : null;
    this.copies = new LocalCopies(box.dataset.owner, box.dataset.pulse, box.dataset.done.split(" "));
    this.status = document.createElement("p");
    this.status.className = "autosave-status";
    this.status.setAttribute("role", "status");
    form.querySelector(".verbs").prepend(this.status);
    this.trouble = "";
    this.opened();
    this.listen();
    this.offerLocalCopies();
    this.save();
  }

  // What stands in the form, as the server would be sent it; files, passwords and tokens apart.
  typed() {
    const data = {};
    for (const [name, value] of new FormData(this.form)) {
      const isToken = name === "csrfmiddlewaretoken" || name === "form_token";
      const isSecret = isToken || this.form.elements[name]?.type === "password";
      if (typeof value === "string" && !isSecret) (data[name] ??= []).push(value);
    }
    return JSON.stringify(data);
  }

  // The form as it was opened needs no keeping; what was sent and is shown again has been kept.
  opened() {
    this.kept = this.typed();
    this.untouched = "unsaved" in this.box.dataset ? null : this.kept;
  }

  listen() {
    const { form } = this;
    form.addEventListener("input", () => this.typing());
    form.addEventListener("change", () => this.typing());
    // The calendar and the clock set values without an event.
    document.addEventListener("click", () => {
      if (this.typed() !== this.kept) this.typing();
    });
    document.addEventListener("visibilitychange", () => this.save());
    window.addEventListener("online", () => this.save());
    window.addEventListener("offline", () => this.save());
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("pageshow", (event) => {
      this.sent = this.left = false;
      if (event.persisted) this.save();
    });
    setInterval(() => {
      if (document.visibilityState === "visible") this.save();
    }, HEARTBEAT);
    form.addEventListener("submit", (event) => this.beforeSubmit(event), { capture: true });
    document.addEventListener("submit", (event) => this.submitted(event));
  }

  typing() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.save(), AFTER_TYPING);
    this.latest ??= setTimeout(() => this.save(), WHILE_TYPING);
  }

  // One at a time: what is typed meanwhile is seen to afterwards.
  save() {
    clearTimeout(this.soon);
    clearTimeout(this.latest);
    this.latest = undefined;
    this.saving ??= this.pulse().finally(() => {
      this.saving = undefined;
      if (!this.trouble && !this.sent && this.typed() !== this.kept) this.typing();
    });
    return this.saving;
  }

  async pulse() {
    if (this.sent || this.left) return;
    const text = this.typed();
    const isNew = text !== this.kept;
    if (isNew) this.copies.write(this.token, { data: JSON.parse(text) }); // until the server answers
    try {
      const answer = await this.send(this.beat(text));
      if (!answer) return;
      if (answer.token) {
        await this.goOn(answer.token);
        return;
      }
      this.tell(answer);
      this.succeed(text, isNew, answer.saved_at);
    } catch {
      if (!this.sent) this.fail("offline", navigator.onLine ? "连不上服务器" : "网络断开");
    }
  }

  // What was sent is stored, yet the form is still open (the browser's Back): what is typed from here on
  // is kept as that of a form of its own.
  goOn(token) {
    this.copies.remove(this.token);
    this.token = this.form.elements.form_token.value = token;
    this.kept = this.untouched = this.handed;
    return this.pulse();
  }

  // The message to the server. A form that is again as it was opened has nothing to be kept.
  beat(text) {
    const beat = { token: this.token, version: this.version };
    if (text !== this.kept) beat.data = text === this.untouched ? {} : JSON.parse(text);
    return beat;
  }

  // Return the server's answer; undefined where it has refused, which is shown.
  async send(beat) {
    let response = await this.post(beat);
    // Somebody has signed in anew in another tab: the token in this page is void.
    if (response.status === 403 && !isJson(response)) {
      response = (await this.renewToken()) ?? (await this.post(beat));
    }
    if (response.type === "opaqueredirect") {
      this.fail("expired", "登录已过期");
    } else if (isJson(response)) {
      const answer = await response.json();
      if (response.ok) return answer;
      this.fail("refused", answer.error);
    } else {
      this.fail("offline", "服务器没有回应");
    }
  }

  post(beat, keepalive = false) {
    const request = new AbortController();
    const timeout = setTimeout(() => request.abort(), PATIENCE);
    this.request = request;
    return fetch(this.box.dataset.pulse, {
      method: "POST",
      body: JSON.stringify(beat),
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value,
      },
      redirect: "manual", // to the login
      keepalive,
      signal: request.signal,
    }).finally(() => clearTimeout(timeout));
  }

  // Return nothing where there is a new token, else the answer that has none.
  async renewToken() {
    const response = await fetch(this.box.dataset.pulse, { redirect: "manual" });
    if (!response.ok || !isJson(response)) return response;
    const { csrf } = await response.json();
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = csrf;
  }

  succeed(text, isNew, savedAt) {
    this.trouble = "";
    this.news("expired").hidden = true;
    this.kept = text;
    this.copies.remove(this.token);
    if (isNew) this.savedAt = savedAt;
    this.say(this.savedAt ? `${this.savedAt} 已自动保存` : "");
    if (this.typed() === text) this.form.dispatchEvent(new CustomEvent("autosave:kept"));
  }

  fail(trouble, reason) {
    this.trouble = trouble;
    this.news("expired").hidden = trouble !== "expired";
    const text = this.typed(); // more may have been typed by now
    const isLocal = text !== this.kept && this.copies.write(this.token, { data: JSON.parse(text) });
    if (trouble === "refused" || text === this.kept) this.say(reason);
    else if (isLocal) this.say(`${reason}，文字先存在本机`);
    else this.say(`${reason}，本机也存不下：请先把文字复制到别处`);
  }

  say(sentence) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence; // it is read out
    this.status.classList.toggle("is-trouble", this.trouble !== "");
  }

  news(name) {
    return this.box.querySelector(`[data-news=${name}]`);
  }

  tell({ others, newer }) {
    const tell = (name, words) => {
      const line = this.news(name);
      if (words && line.firstElementChild.textContent !== words) line.firstElementChild.textContent = words;
      line.hidden = !words;
    };
    tell("others", others.join("、"));
    tell("newer", newer && `${newer.by}（${newer.at}）保存了新版本`);
  }

  // --- Leaving --------------------------------------------------------------------------------------

  // No answer will be seen: the browser's own copy stays until the server's is known of.
  leave() {
    this.left = true;
    const text = this.sent ? this.kept : this.typed();
    // A form that is again as it was opened (its comment is posted) needs no copy.
    const isNew = text !== this.kept && text !== this.untouched;
    if (isNew) this.copies.write(this.token, { data: JSON.parse(text) });
    else if (!this.sent) this.copies.remove(this.token);
    let beat = { ...this.beat(text), closed: true };
    if (new Blob([JSON.stringify(beat)]).size > KEEPALIVE_BYTES) beat = { token: this.token, closed: true };
    this.post(beat, true).catch(() => {});
  }

  // Sent while the login has expired or the network is away, the words would be gone from the page:
  // first see whether that is over.
  async beforeSubmit(event) {
    if (!this.trouble || this.trouble === "refused" || this.sent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    await this.saving;
    await this.save();
    if (!this.trouble || this.trouble === "refused") this.form.requestSubmit(submitter);
    else this.say(`没有提交：${this.status.textContent.replace(/^没有提交：/, "")}`);
  }

  submitted(event) {
    if (event.target !== this.form || event.defaultPrevented) return;
    if (event.submitter?.formTarget === "_blank") return;
    this.sent = true;
    setTimeout(() => {
      this.sent = false; // stopped, perhaps: then go on
    }, PATIENCE * 2);
    this.request?.abort(); // nobody waits for the answer; a message that waits for the save is refused
    this.handed = this.typed();
    if (this.handed !== this.untouched) {
      this.copies.write(this.token, { data: JSON.parse(this.handed), handed: true });
    }
  }

  // --- What was left in other forms -----------------------------------------------------------------

  offerLocalCopies() {
    const section = this.box.querySelector(".left-texts");
    for (const copy of this.copies.all()) {
      if (copy.token === this.token || !copy.data) continue;
      const offered = section.querySelector(`li[data-token="${CSS.escape(copy.token)}"]`);
      const line = section.querySelector("template").content.cloneNode(true).firstElementChild;
      const title = copy.data[this.box.dataset.title]?.[0];
      line.querySelector("[data-at]").textContent = inBeijing(copy.at);
      line.querySelector("[data-title]").textContent = title || "（空）";
      const outdated = this.version !== null && copy.data.edit_version?.[0] !== String(this.version);
      line.querySelector("[data-outdated]").hidden = !outdated;
      line.querySelector("[data-do=put-back]").addEventListener("click", () => this.putBack(copy));
      line.querySelector("[data-do=throw-away]").addEventListener("click", () => {
        if (!window.confirm("丢弃后不能找回。确定要丢弃这份文字吗？")) return;
        this.copies.remove(copy.token);
        line.remove();
        if (offered) offered.hidden = false;
        section.hidden = section.querySelector("li:not([hidden])") === null;
      });
      section.querySelector("ul").append(line);
      if (offered) offered.hidden = true; // of the same form, and older
      section.hidden = false;
    }
  }

  putBack(copy) {
    const form = document.getElementById("put-back");
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, values] of Object.entries(copy.data)) {
        if (name.startsWith("_") || name === "csrfmiddlewaretoken") continue;
        for (const value of values) formData.append(name, value);
      }
      formData.set("form_token", copy.token);
      formData.set("_put_back", "browser");
    }, { once: true });
    this.copies.markTaken(copy.token);
    form.requestSubmit();
  }
}

function isJson(response) {
  return response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
}

function inBeijing(at) {
  const parts = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return parts.format(at);
}

document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("autosave");
  const form = box?.closest("form");
  if (form?.querySelector(".verbs")) new Autosave(form, box);
});
