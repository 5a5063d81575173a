// Suggestions under an input of tags, as an ARIA combobox. The input alone works as well.
"use strict";

const SEPARATORS = /[,，、;；]/;
const PAUSE = 150; // milliseconds of not typing before the server is asked

class TagSuggestions {
  constructor(input) {
    this.input = input;
    this.current = -1;
    this.asked = 0;
    const box = document.createElement("div");
    box.className = "tag-box";
    input.replaceWith(box);
    this.list = document.createElement("ul");
    this.list.className = "tag-suggestions";
    this.list.id = `${input.id}_suggestions`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "已有标签");
    box.append(input, this.list);
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-expanded": "false",
    };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.addEventListener("input", (event) => this.typed(event));
    // Chinese input: the syllables being composed are no tag yet.
    input.addEventListener("compositionend", () => this.askSoon());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    // mousedown, not click: by the time of the click the input has lost the focus.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("li");
      if (option) this.take(option.textContent);
    });
  }

  typed(event) {
    if (!event.isComposing) this.askSoon();
  }

  // The tag the caret stands in: where it begins and ends.
  part() {
    const { value, selectionStart } = this.input;
    let start = selectionStart;
    while (start > 0 && !SEPARATORS.test(value[start - 1])) start -= 1;
    let end = selectionStart;
    while (end < value.length && !SEPARATORS.test(value[end])) end += 1;
    return { start, end, text: value.slice(start, end).trim() };
  }

  askSoon() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const { text } = this.part();
    const number = ++this.asked;
    if (!text) {
      this.close();
      return;
    }
    const url = new URL(this.input.dataset.suggest, window.location.href);
    url.searchParams.set("q", text);
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" } });
      const { tags } = await response.json();
      if (number === this.asked) this.show(tags);
    } catch {
      this.close(); // signed out or offline: tags can be typed all the same
    }
  }

  show(tags) {
    const taken = new Set(this.input.value.split(SEPARATORS).map((tag) => tag.trim()));
    const { text } = this.part();
    const offered = tags.filter((tag) => tag !== text && !taken.has(tag));
    this.list.replaceChildren(
      ...offered.map((tag, index) => {
        const option = document.createElement("li");
        option.id = `${this.list.id}_${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = tag;
        return option;
      }),
    );
    this.current = -1;
    this.list.hidden = offered.length === 0;
    this.input.setAttribute("aria-expanded", String(offered.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    window.clearTimeout(this.timer);
    this.asked += 1; // an answer still on its way is no longer wanted
    this.show([]);
  }

  move(step) {
    const options = [...this.list.children];
    this.current = (this.current + step + options.length) % options.length;
    options.forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.current));
    });
    options[this.current].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", options[this.current].id);
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.current < 0 && event.key === "ArrowUp") this.current = 0; // then up is the last one
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && this.current >= 0) {
      this.take(this.list.children[this.current].textContent);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  take(tag) {
    const { start, end } = this.part();
    const { value } = this.input;
    const before = value.slice(0, start);
    const after = value.slice(end);
    const inserted = after ? tag : `${tag}、`;
    this.input.value = before + inserted + after;
    const caret = before.length + inserted.length;
    this.input.setSelectionRange(caret, caret);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("input[data-suggest]").forEach((input) => new TagSuggestions(input));
});
