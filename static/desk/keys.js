// Says why a key could not be used: allauth's scripts tell nobody but the console.
(() => {
  "use strict";

  const WORDS = {
    NotAllowedError: "没有完成：可能是取消了、等得太久，或者这台设备里没有您的密钥。请再试一次，或换一种方式。",
    InvalidStateError: "这把密钥已经添加过了。",
    SecurityError: "这个网址不能使用密钥：浏览器只在加密访问的域名下提供。",
  };

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const words = WORDS[event.detail.exception?.name] ?? "没有成功，请再试一次。";
    const button = document.querySelector("#use-key, #add-key, #passkey-login");
    let note = document.getElementById("key-trouble");
    if (!note) {
      note = document.createElement("p");
      note.id = "key-trouble";
      note.className = "errornote";
      note.setAttribute("role", "alert");
      button.closest("form, .another-way").prepend(note);
    }
    note.textContent = words;
  });
})();
