const MOST_CHARACTERS = 400;

/** What a program of Fabric said last, preferring what it calls an error; `undefined` where it said nothing. */
export function lastWords(text: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- colours of a terminal
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
  const lines = plain.split('\n').map((line) => line.trim());
  const error = lines.findLast((line) => line.startsWith('Error:'));
  return (error ?? lines.findLast((line) => line !== ''))?.slice(0, MOST_CHARACTERS);
}
