import { nobleVrfCurve } from '@eko/protocol';
import { describeVrf } from '../../support/protocol/vrf-suite';

describeVrf('big integers', () => nobleVrfCurve);
