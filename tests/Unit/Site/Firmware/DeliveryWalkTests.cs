using Keywright.Chips;
using Keywright.Device.Chip;
using Keywright.Protocol;
using Keywright.Protocol.Commands;
using Keywright.Protocol.Cose;
using Keywright.Protocol.Firmware;
using Keywright.Site.Firmware;

namespace Keywright.UnitTests.Site.Firmware;

/// <summary>
/// Honest devices and a site over a channel that loses, repeats, delays and reorders, with crashes of both:
/// nobody is ever taken for a clone, and nobody locks up.
/// </summary>
public sealed class DeliveryWalkTests
{
    private const int Steps = 1500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Req", "T19")]
    [Trait("Req", "T21")]
    public void An_honest_device_never_forks_nor_locks_up(ulong seed)
    {
        using var walk = new Walk(seed);
        for (var step = 0; step < Steps; step++)
        {
            walk.Step($"seed {seed}, step {step}");
        }

        walk.ComeToRest($"seed {seed}, at rest");
    }

    private sealed class Walk : IDisposable
    {
        private readonly DeliveryWorld world = new();
        private readonly SeededNoise dice;
        private readonly List<TestDevice> devices = [];
        private readonly List<(int Device, byte[] Message)> toSite = [];
        private readonly List<(int Device, ReadOnlyMemory<byte> Message)> toDevice = [];
        private ulong sequence;

        public Walk(ulong seed)
        {
            dice = new SeededNoise(seed);
            devices.AddRange([world.Make(1), world.Make(2)]);
            Publish();
        }

        public void Step(string where)
        {
            var index = dice.Next(devices.Count);
            switch (dice.Next(12))
            {
                case 0 or 1 or 2:
                    toSite.Add((index, devices[index].Claim()));
                    break;
                case 3:
                    Report(index);
                    break;
                case 4 or 5 or 6:
                    SiteHears(where);
                    break;
                case 7 or 8 or 9:
                    DeviceHears(where);
                    break;
                case 10:
                    devices[index].Reboot();
                    break;
                default:
                    Disturb();
                    break;
            }

            Check(where);
        }

        /// <summary>The channel works again: every device gets the newest.</summary>
        public void ComeToRest(string where)
        {
            toSite.Clear();
            toDevice.Clear();
            world.Terms.SetConditions(DeliveryWorld.Product, DeliveryConditions.Once);
            Publish();
            foreach (var (index, device) in devices.Index())
            {
                for (var tries = 0; tries < 4 && !HasNewest(device); tries++)
                {
                    toSite.Add((index, device.Claim()));
                    SiteHears(where, lossless: true);
                    DeviceHears(where, lossless: true);
                }

                Assert.True(HasNewest(device), $"{where}: device {index} is stuck");
                world.Close.Close(device.Done()).OrThrow();
            }

            Check(where);
            var lines = devices.SelectMany(device => world.Tracking.DeliveriesOf(device.ChipId)).ToList();
            var installed = lines.Count(line => line.State == DeliveryState.Installed);
            Assert.True(installed > 10, $"{where}: hardly anything happened");
            Assert.Contains(lines, line => line.State == DeliveryState.Refused);
        }

        public void Dispose()
        {
            devices.ForEach(device => device.Dispose());
            world.Dispose();
        }

        private bool HasNewest(TestDevice device) =>
            device.Programs.Find(world.Owner.Public.Id, "app")?.Sequence == sequence;

        private void Publish() => world.Publish(++sequence, 200 + dice.Next(20_000));

        private void Report(int index)
        {
            var host = new MemoryHost();
            if (devices[index].Run("done", host) is null)
            {
                toSite.Add((index, host.Emitted("done")));
            }
        }

        private void Disturb()
        {
            switch (dice.Next(6))
            {
                case 0:
                    world.Restart();
                    break;
                case 1:
                    Publish();
                    break;
                case 2:
                    var conditions = dice.Next(2) == 0
                        ? DeliveryConditions.Enabled
                        : DeliveryConditions.VersionOrder;
                    world.Terms.SetConditions(DeliveryWorld.Product, conditions);
                    break;
                case 3:
                    world.Terms.SetConditions(DeliveryWorld.Product, DeliveryConditions.Once);
                    break;
                default:
                    world.Clock.Advance(TimeSpan.FromMinutes(dice.Next(100)));
                    break;
            }
        }

        private void SiteHears(string where, bool lossless = false)
        {
            if (toSite.Count == 0)
            {
                return;
            }

            var (index, message) = Take(toSite, lossless);
            if (!lossless && dice.Next(4) == 0)
            {
                return;
            }

            if (!Message.Parse<Done>(message).Refused(out _, out _))
            {
                Assert.False(world.Close.Close(message).Refused(out _, out _), where);
            }
            else if (!world.Deliver.Answer(message).Refused(out var answer, out _))
            {
                toDevice.Add((index, answer));
            }
        }

        private void DeviceHears(string where, bool lossless = false)
        {
            if (toDevice.Count == 0)
            {
                return;
            }

            var (index, message) = Take(toDevice, lossless);
            var device = devices[index];
            if (!Message.Parse<DeliveryRefusal>(message).Refused(out _, out _))
            {
                var why = device.Refused(message)?.Reason;
                Assert.True(why is null or Reason.NoClaimOpen or Reason.WrongClaim, where);
            }
            else if (!world.Bodies.Open(Digest.Of(message.Span)).Refused(out var bodies, out _))
            {
                using (bodies)
                {
                    Install(index, message, bodies, lossless, where);
                }
            }
        }

        private void Install(
            int index, ReadOnlyMemory<byte> grant, SealedBodies bodies, bool lossless, string where)
        {
            var device = devices[index];
            var size = lossless || dice.Next(3) > 0 ? bodies.Size : dice.Next((int)bodies.Size);
            var carried = new byte[size];
            bodies.Read(0, carried);
            var host = new MemoryHost()
                .With("grant", grant)
                .With("module", bodies.Manifest)
                .With("bodies", carried);
            if (lossless || dice.Next(3) > 0)
            {
                var why = device.Run("install", host)?.Reason;
                Assert.True(
                    why is null or Reason.NoClaimOpen or Reason.WrongClaim or Reason.MissingInput, where);
                return;
            }

            var silicon = new PowerCut(device.Chip, (ulong)dice.Next(1_000_000));
            using (var doomed = BootedDevice.Boot(silicon))
            {
                silicon.Restore();
                silicon.Arm(dice.Next(1500), (CutKind)dice.Next(4));
                try
                {
                    doomed.Execute("install", host);
                }
                catch (PowerLostException)
                {
                    // That is what the walk is about.
                }
            }

            device.Reboot();
        }

        // A message may be taken from anywhere in the queue, and may stay in it, to come again.
        private (int Device, T Message) Take<T>(List<(int Device, T Message)> queue, bool newest)
        {
            var at = newest ? queue.Count - 1 : dice.Next(queue.Count);
            var taken = queue[at];
            if (newest || dice.Next(3) > 0)
            {
                queue.RemoveAt(at);
            }

            return taken;
        }

        private void Check(string where)
        {
            foreach (var device in devices)
            {
                Assert.False(world.Ledger.Load(device.ChipId, 1).Held, $"{where}: held");
            }

            // Old claims that come again are noted; an honest device is never found out of step or forked.
            Assert.DoesNotContain(world.Reasons, reason => reason is not Reason.SecondDelivery);
        }
    }
}
