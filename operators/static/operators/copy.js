// A button with data-copies="ID" puts that element's text on the clipboard.
async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS, and on other hosts than this machine, browsers have no such clipboard: the text is selected instead.
    getSelection().selectAllChildren(element);
    return "Selected: copy it with the keyboard.";
  }
  return "Copied.";
}

for (const button of document.querySelectorAll("[data-copies]")) {
  const element = document.getElementById(button.dataset.copies);
  button.addEventListener("click", async () => {
    document.getElementById("copied").textContent = await copy(element.textContent.trim(), element);
  });
}
