using CsCheck;
using MailOperator.Api;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.MailBackends;

public sealed class QuotaLedgerModelTests
{
    private const int Devices = 8;

    [Fact]
    public void Places_AnyDevicesAskedInAnyOrder_AreNeverTooManyAndNeverLeftFree() =>
        Gen.Select(
            Gen.Int[1, 3], Gen.Int[1, 4],
            Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 1]).Array[Devices],
            Gen.Int[0, Devices - 1].Array[40])
        .Sample((perMailbox, perNamespace, shapes, asked) =>
        {
            var quotas = new QuotaLedger();
            quotas.Settle("dovecot", quotas.Mark(), []);
            GrantSpec[] grants =
                [new GrantSpec { MaxDevicesPerMailbox = perMailbox, MaxDevicesPerNamespace = perNamespace }];
            MailDevice[] devices =
                [.. shapes.Select(static (shape, number) => Device(number, shape.Item1, shape.Item2, shape.Item3))];
            foreach (MailDevice device in devices)
            {
                quotas.Put(device, "dovecot");
            }

            HashSet<MailDevice> admitted = [];
            foreach (MailDevice device in asked.Select(number => devices[number])
                .Concat(devices)
                .Concat(devices.Reverse())
                .Concat(devices))
            {
                if (quotas.TryAdmit(device, "dovecot", grants, _ => grants))
                {
                    admitted.Add(device);
                }
                else if (admitted.Contains(device))
                {
                    return false; // a place was taken away
                }
            }

            int InMailbox(MailDevice device) => admitted.Count(one => one.Spec.Mailbox == device.Spec.Mailbox);
            int InNamespace(MailDevice device) =>
                admitted.Count(one => one.Metadata.NamespaceProperty == device.Metadata.NamespaceProperty);
            return devices.All(device => InMailbox(device) <= perMailbox && InNamespace(device) <= perNamespace)
                && devices.Where(device => !admitted.Contains(device))
                    .All(device => InMailbox(device) == perMailbox || InNamespace(device) == perNamespace);
        });

    private static MailDevice Device(int number, int age, int mailbox, int @namespace) => new()
    {
        Metadata = new()
        {
            Name = $"device-{number}",
            NamespaceProperty = $"namespace-{@namespace}",
            Uid = $"uid-{number}",
            CreationTimestamp = Snapshots.Now.AddMinutes(-age).UtcDateTime,
        },
        Spec = new MailDeviceSpec { Mailbox = $"box{mailbox}@example.com" },
    };
}
