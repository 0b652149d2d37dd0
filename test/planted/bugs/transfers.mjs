/** Bugs in moving bytes: what passes for the whole, for a confirmation, for a success. @type {import('../run.mjs').Bug[]} */
const SDK = 'client-sdk/sdk/src/streams';
const CLI = 'client-sdk/cli/src';
const REST = 'client-sdk/sdk/src/rest';
const FILES = 'client-sdk/command/src/files';
const PARTY = 'network/party/src';
const UNIT = 'test/unit';
const END_MARK = `${UNIT}/sdk/streams/end-mark.test.ts`;
const TRANSFER = `${UNIT}/sdk/rest/transfer.test.ts`;
const COMMANDS = `${UNIT}/cli/commands/transfer-commands.test.ts`;
const SILENT = `${UNIT}/sdk/rest/silent-party.test.ts`;
const WHOLE_FILE = `${UNIT}/command/files/whole-file.test.ts`;
const TRANSFERS = `${UNIT}/party/http/transfers.test.ts`;
const TAKE_BODY = `${UNIT}/party/http/take-body.test.ts`;
const OVER_HTTP = 'test/integration/party/data-over-http.test.ts';

export const bugs = [
  {
    file: `${SDK}/end-mark.ts`,
    what: 'every end says that all was read',
    find: 'hasRead() ? marks.own.read : marks.own.sent',
    replace: 'marks.own.read',
    test: END_MARK,
  },
  {
    file: `${SDK}/end-mark.ts`,
    what: 'every end is heard as saying that all was read',
    find: 'if (hasRead) readToEnd.add(socket);',
    replace: 'readToEnd.add(socket);',
    test: END_MARK,
  },
  {
    file: `${SDK}/end-mark.ts`,
    what: 'an end may say that one was read that was not sent',
    find: 'if (hasRead && !hasEnded) {',
    replace: 'if (hasRead && hasEnded === undefined) {',
    test: END_MARK,
  },
  {
    file: `${PARTY}/http/stream-upgrade.ts`,
    what: 'a sidecar answers for a program that has not read',
    find: 'answerForReader(bytes, () => framed.isReadByPeer);',
    replace: 'answerForReader(bytes, () => framed.readableEnded);',
    test: OVER_HTTP,
  },
  {
    file: `${PARTY}/http/transfer-bodies.ts`,
    what: 'any end that comes behind the own is a confirmation',
    find: 'if (isReadByPeer(connection)) resolve();',
    replace: 'if (connection.writableEnded) resolve();',
    test: TAKE_BODY,
  },
  {
    file: `${PARTY}/http/transfer-bodies.ts`,
    what: 'a sender is told of its success before the other side confirmed',
    find: '  connection.end();\n  await confirmed;',
    replace: '  connection.end();',
    test: TAKE_BODY,
  },
  {
    file: `${PARTY}/http/transfer-bodies.ts`,
    what: 'a receiver that named its transfer is not waited for',
    find: 'await transfer.confirmed;',
    replace: '',
    test: OVER_HTTP,
  },
  {
    file: `${PARTY}/http/transfers.ts`,
    what: 'a confirmation of other bytes of the same number is taken',
    find: 'claim.bytes !== this.#bytes || claim.sha256 !== this.#sha256',
    replace: 'claim.bytes !== this.#bytes',
    test: OVER_HTTP,
  },
  {
    file: `${PARTY}/http/transfers.ts`,
    what: 'a transfer under way is forgotten when enough others came',
    find: 'this.#underWay.set(transferId, transfer);',
    replace: 'this.#over.set(transferId, transfer);',
    test: TRANSFERS,
  },
  {
    file: `${PARTY}/http/transfers.ts`,
    what: 'transfers under way have no bound',
    find: 'if (this.#underWay.size >= MOST_UNDER_WAY) {',
    replace: 'if (this.#underWay.size < 0) {',
    test: TRANSFERS,
  },
  {
    file: `${PARTY}/http/transfer-bodies.ts`,
    what: 'a body that breaks off is taken for its end',
    find: "const onClose = (): void => settle(() => reject(new Error('closed before the end')));",
    replace: 'const onClose = onEnd;',
    test: `${UNIT}/party/http/pump.test.ts`,
  },
  {
    file: `${PARTY}/service/incoming-streams.ts`,
    what: 'a connection is kept for a program that has left',
    find: 'for (const [connection, each] of this.#promised) if (each === program) this.#promised.delete(connection);',
    replace: '',
    test: `${UNIT}/party/service/incoming-streams.test.ts`,
  },
  {
    file: `${PARTY}/service/incoming-streams.ts`,
    what: 'any number of connections wait for a program',
    find: 'if (held.length >= HELD_PER_STREAM) {',
    replace: 'if (held.length < 0) {',
    test: `${UNIT}/party/service/incoming-streams.test.ts`,
  },
  {
    file: `${REST}/transfer.ts`,
    what: 'what arrived is held against the number of bytes only',
    find: 'counted.bytes === told.bytes && counted.sha256 === told.sha256',
    replace: 'counted.bytes === told.bytes',
    test: TRANSFER,
  },
  {
    file: `${REST}/transfer.ts`,
    what: 'what was received is confirmed before it is kept',
    find: '    await target.keep();\n    const { bytes, sha256 } = received;\n    const untold = await incoming.confirm({ bytes, sha256 });',
    replace:
      '    const { bytes, sha256 } = received;\n    const untold = await incoming.confirm({ bytes, sha256 });\n    await target.keep();',
    test: TRANSFER,
  },
  {
    file: `${REST}/transfer.ts`,
    what: 'a file that became shorter is sent as if it were whole',
    find: 'if (source.isCutShort?.(meter.bytes) === true) throw shortened(source.name);',
    replace: '',
    test: TRANSFER,
  },
  {
    file: `${CLI}/party/file-transfer.ts`,
    what: 'a reception that failed ends with status 0',
    find: '    await target.drop();\n    throw error;',
    replace: '    await target.drop();',
    test: COMMANDS,
  },
  {
    file: `${CLI}/party/file-transfer.ts`,
    what: 'a part of a file stays behind',
    find: '    await target.drop();\n    throw error;',
    replace: '    throw error;',
    test: COMMANDS,
  },
  {
    file: `${REST}/transfer-client.ts`,
    what: 'a break is told without the party’s reason',
    find: 'if (failure !== undefined) return problemOf(0, JSON.stringify(failure));',
    replace: 'void failure;',
    test: COMMANDS,
  },
  {
    file: `${REST}/transfer-client.ts`,
    what: 'a confirmation that the party refuses as wrong is a success',
    find: "['conflict', 'unavailable'].includes(error.blame)",
    replace: 'error.blame.length > 0',
    test: COMMANDS,
  },
  {
    file: `${REST}/party-watch.ts`,
    what: 'a party that answers with a refusal is abandoned',
    find: "return error.code === 'PEER_UNAVAILABLE' ? error : undefined;",
    replace: 'return error;',
    test: SILENT,
  },
  {
    file: `${REST}/party-watch.ts`,
    what: 'a party that does not answer is told as a broken connection',
    find: "return silentError(this.#deps.access, 'does not answer any more');",
    replace: "return problemOf(0, '');",
    test: SILENT,
  },
  {
    file: `${FILES}/process-lock.ts`,
    what: 'a second reception takes the place of one that lives',
    find: 'if (cutShort === 0 || !(await isLeft(left))) return false;',
    replace: '',
    test: WHOLE_FILE,
  },
  {
    file: `${FILES}/process-lock.ts`,
    what: 'a lock that another has taken over by now is taken over once more',
    find: 'if ((await textOf(path)) === left) {',
    replace: "if (left !== '') {",
    test: `${UNIT}/command/files/process-lock.test.ts`,
  },
  {
    file: `${FILES}/process-lock.ts`,
    what: 'a process of another machine is looked for on this one',
    find: 'owner === undefined || owner.machine !== (await machineHere())',
    replace: 'owner === undefined',
    test: WHOLE_FILE,
  },
  {
    file: `${FILES}/process-lock.ts`,
    what: 'whoever has the ID of a dead process now keeps everybody out',
    find: "return started !== '' && owner.started !== '' && started !== owner.started;",
    replace: 'return started === owner.pid.toString();',
    test: WHOLE_FILE,
  },
  {
    file: `${FILES}/whole-file.ts`,
    what: 'a file that came in the place of the own is kept as received',
    find: 'if (moved.ino === own.ino && moved.dev === own.dev) return aside;',
    replace: 'if (own.ino !== undefined) return aside;',
    test: WHOLE_FILE,
  },
  {
    file: `${FILES}/whole-file.ts`,
    what: 'a reception that is over keeps the next one out',
    find: '    await this.handle.close();\n    await this.#lock.release();',
    replace: '    await this.handle.close();',
    test: WHOLE_FILE,
  },
  {
    file: 'client-sdk/command/src/system-errors.ts',
    what: 'a full disk is told as a wrong argument',
    find: 'if (NO_ROOM.includes(code))',
    replace: 'if (code === undefined)',
    test: `${UNIT}/command/output.test.ts`,
  },
  {
    file: `${PARTY}/http/data-route.ts`,
    what: 'a sender is told of a cut what only its receiver can be told',
    find: "if (isEkoError(error) && !(isCut && direction === 'send')) return error;",
    replace: "if (isEkoError(error) && (!isCut || direction !== 'nobody')) return error;",
    test: `${UNIT}/party/http/data-route.test.ts`,
  },
  {
    file: `${FILES}/whole-file.ts`,
    what: 'a file with a long name is dropped when all of it is there',
    find: 'join(dirname(this.#partial), `${randomUUID()}.partial`)',
    replace: '`${this.#partial}.${randomUUID()}`',
    test: WHOLE_FILE,
  },
];
