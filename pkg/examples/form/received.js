// Lists the fields that the form was sent with.

const list = document.querySelector('dl');
for (const [name, value] of new URLSearchParams(location.search)) {
  const [term, description] = [document.createElement('dt'), document.createElement('dd')];
  term.textContent = name;
  description.textContent = value || '–';
  list?.append(term, description);
}
