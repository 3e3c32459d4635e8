// Copying, where the browser lets a page do it, and by hand where not: on a page without https there is no Clipboard API.

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} field holds the text; it is shown and selected where a person has to copy it
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
export async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.hidden = false;
    field.focus();
    field.select();
    return false;
  }
}
