// The confusion matrix of the samples that were set aside, as a table that a screen reader can walk.

/**
 * @param {import('../words/writer.js').Writer} writer
 * @param {string[]} labels
 * @param {number[][]} counts `[truth][answer]`
 */
export function confusionTable(writer, labels, counts) {
  const table = document.createElement('table');
  table.className = 'confusion';
  writer.write(table.createCaption(), (words) => words.say('confusion.caption'));
  const head = table.createTHead().insertRow();
  const named = (/** @type {string} */ label, /** @type {'row' | 'col'} */ scope) => {
    const entry = cell('th', scope);
    writer.write(entry, (words) => words.isolate(label));
    return entry;
  };
  head.append(cell('td'), ...labels.map((label) => named(label, 'col')));
  const body = table.createTBody();
  counts.forEach((row, truth) => {
    const most = Math.max(1, ...row);
    const cells = row.map((count, answer) => {
      const entry = cell('td');
      writer.write(entry, (words) => words.number(count));
      entry.className = count === 0 ? 'none' : answer === truth ? 'right' : 'wrong';
      entry.style.setProperty('--share', String(count / most));
      return entry;
    });
    body.insertRow().append(named(labels[truth] ?? '', 'row'), ...cells);
  });
  return table;
}

/**
 * @param {'td' | 'th'} name
 * @param {'row' | 'col'} [scope]
 */
function cell(name, scope) {
  const cell = document.createElement(name);
  if (scope) cell.scope = scope;
  return cell;
}
