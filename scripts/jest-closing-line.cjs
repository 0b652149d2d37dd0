/**
 * A jest reporter: names every skipped test with its reason, then prints the counts alone on the last line.
 * The reason stands in the title, as `[skipped: openssl is not installed]`; see test/support/skip.ts.
 */
class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const lines = skippedTests(results).map(({ title, reason }) => `skipped: ${title}: ${reason}`);
    lines.push(closingLine(results));
    // jest prints its own summary after every reporter; the counts come after that.
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}

function skippedTests(results) {
  return results.testResults
    .flatMap((file) => file.testResults)
    .filter(({ status }) => status === 'pending' || status === 'todo' || status === 'disabled')
    .map(({ fullName }) => {
      const [, reason] = /\[skipped: (.+?)\]/.exec(fullName) ?? [];
      return { title: fullName.replace(/ ?\[skipped: .+?\]/, ''), reason: reason ?? 'no reason given' };
    });
}

/** A file that could not run at all is one failure: none of its tests would be counted otherwise. */
function closingLine(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
}

module.exports = ClosingLineReporter;
