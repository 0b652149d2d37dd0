import { AddressRate } from '../../../../client-sdk/sdk/src/streams/address-rate';
import { ManualClock } from '../../../support/streams/manual-clock';

describe('AddressRate', () => {
  const taken = (rate: AddressRate, address: string, tries: number): number =>
    Array.from({ length: tries }, () => rate.take(address)).filter(Boolean).length;

  it('allows a burst, then the rate, for each address alone', () => {
    const clock = new ManualClock();
    const rate = new AddressRate({ perSecond: 10, burst: 5, addresses: 10 }, clock);
    expect(taken(rate, '10.0.0.1', 50)).toBe(5);
    expect(taken(rate, '10.0.0.2', 50)).toBe(5);
    clock.advance(300);
    expect(taken(rate, '10.0.0.1', 50)).toBe(3);
    clock.advance(3_600_000);
    expect(taken(rate, '10.0.0.1', 50)).toBe(5);
  });

  it('remembers a bounded number of addresses and forgets the quietest first', () => {
    const rate = new AddressRate({ perSecond: 1, burst: 1, addresses: 2 }, new ManualClock());
    expect(rate.take('a')).toBe(true);
    expect(rate.take('b')).toBe(true);
    expect(rate.take('a')).toBe(false);
    expect(rate.take('c')).toBe(true);
    expect(rate.take('a')).toBe(false);
    expect(rate.take('b')).toBe(true);
  });
});
