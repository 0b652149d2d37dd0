// A flood of strangers as a process of its own: `node flood-process.mjs '{"kind":…}'`. It keeps so many connections or calls
// going at a time, each ended one replaced, and ends by itself after so many of them or so long. Loopback only.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const { kind, port, addresses, atATime, most, forMs } = JSON.parse(process.argv[2]);
const host = '127.0.0.1';
const CALL = `POST /v1/streams HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
/** No more new ones in one turn: a client has two cores to share with its victim. */
const BREATH_MS = 2;
const PER_BREATH = 32;

let made = 0;
let wanted = atATime;
let ended = 0;
const open = new Set();

function one() {
  const at = { host, port, localAddress: addresses[made % addresses.length] };
  made += 1;
  const socket = kind === 'tls' ? connectTls({ ...at, rejectUnauthorized: false }) : connect(at);
  open.add(socket);
  socket.on('error', () => undefined);
  if (kind === 'call') socket.on('connect', () => socket.write(CALL));
  socket.resume();
  socket.once('close', () => {
    open.delete(socket);
    ended += 1;
    wanted += 1;
  });
}

const pump = setInterval(() => {
  for (let now = 0; now < PER_BREATH && wanted > 0 && made < most; now += 1) {
    wanted -= 1;
    one();
  }
  if (made >= atATime && !announced) {
    announced = true;
    process.stdout.write('flooding\n');
  }
}, BREATH_MS);
let announced = false;
function stop() {
  clearInterval(pump);
  process.stdout.write(`${JSON.stringify({ made, ended })}\n`, () => process.exit(0));
}
setTimeout(stop, forMs);
process.on('SIGTERM', stop);
