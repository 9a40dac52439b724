using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Spec;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What is taken from a device, as far as its objects can be read.</summary>
public sealed class StopsTests
{
    private static readonly DateTimeOffset Created = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The mutants: a device that is not suspended outranks its user, or the other way round.</summary>
    [Theory]
    [InlineData(false, true, true)]
    [InlineData(null, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(null, false, false)]
    public void Of_DeviceAndUser_EitherSuspends(bool? device, bool user, bool isSuspended)
    {
        MailDevice asked = Device();
        asked.Spec.Suspended = device;
        var stops = StopResolver.Of(asked, backend: null, new MailUser
        {
            Metadata = new() { Name = "ada", Uid = "uid-ada", Generation = 3 },
            Spec = new MailUserSpec { Suspended = user, Sending = SendingRight.Denied },
        });

        Assert.Equal((isSuspended, user ? "ada" : null), (stops.IsSuspended, stops.SuspendedUser));
        Assert.False(stops.MaySend);
        Assert.Equal(("uid-ada", 3), stops.User);
    }

    /// <summary>The mutant: one network that cannot be read opens the device to all.</summary>
    [Fact]
    public void Of_Networks_AreThoseThatCanBeRead()
    {
        MailDevice device = Device();
        device.Spec.AllowedNetworks = ["192.168.0.0/16", "10.0.0.0/8", "nonsense"];
        Assert.Equal(
            ["10.0.0.0/8", "192.168.0.0/16"],
            StopResolver.Of(device, backend: null, user: null).Networks!.Value.AsEnumerable());

        device.Spec.AllowedNetworks = ["nonsense"];
        Assert.Null(StopResolver.Of(device, backend: null, user: null).Networks);
    }

    /// <summary>The mutants: of several ends another one than the earliest, or none beyond the maximum.</summary>
    [Fact]
    public void Of_SeveralEnds_IsTheEarliestAndNeverAfterTheMaximum()
    {
        MailDevice device = Device();
        device.Spec.Expiry = new DeviceExpirySpec { At = Created.AddDays(9).UtcDateTime, After = "2d" };
        var backend = new MailBackend
        {
            Metadata = new() { Name = "dovecot" },
            Spec = new MailBackendSpec { Expiry = new BackendExpirySpec { Maximum = "7d" } },
        };
        Assert.Equal(Created.AddDays(2), StopResolver.Of(device, backend, user: null).EndsAt);
        Assert.Contains(
            "spec.expiry.after 2d", StopResolver.Of(device, backend, user: null).EndsBecause, StringComparison.Ordinal);
        Assert.Equal("", StopResolver.Of(device, backend: null, user: null).EndsBecause);

        device.Spec.Expiry = new DeviceExpirySpec { At = Created.AddDays(9).UtcDateTime };
        Assert.Equal(Created.AddDays(7), StopResolver.Of(device, backend, user: null).EndsAt);
    }

    /// <summary>The mutants: a limit gives a right back, as if the slot had had it.</summary>
    [Fact]
    public void Limit_SlotWithFewRights_GivesNoneBack()
    {
        SlotRestrictions few = Restrictions with
        {
            MaySend = false,
            IsSuspended = true,
            Protocols = [MailProtocol.IMAP],
            AllowedNetworks = ["10.1.0.0/16"],
        };

        Assert.Equal(few, new Stops { Protocols = [MailProtocol.IMAP, MailProtocol.SMTP], Networks = ["10.0.0.0/8"] }
            .Limit(few, Capabilities));
        Assert.Equal(few, Stops.None.Limit(few, Capabilities));
    }

    /// <summary>The mutants: a limit does not reach the slot, or one that the backend cannot enforce does.</summary>
    [Fact]
    public void Limit_SlotWithManyRights_KeepsWhatBothAllow()
    {
        SlotRestrictions many = Restrictions with
        {
            Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
            AllowedNetworks = ["10.1.0.0/16", "192.168.0.0/16"],
        };
        var stops = new Stops
        {
            MaySend = false,
            Protocols = [MailProtocol.IMAP, MailProtocol.SMTP],
            Networks = ["10.0.0.0/8"],
        };

        Assert.Equal(
            Restrictions with { MaySend = false, AllowedNetworks = ["10.1.0.0/16"] }, stops.Limit(many, Capabilities));
        Assert.Equal(many, stops.Limit(many, BackendCapabilities.Hash));
        Assert.False(Stops.None.Limit(many with { MaySend = false }, Capabilities).MaySend);
    }

    /// <summary>The mutant: a slot that is left nothing loses the record of what it had.</summary>
    [Fact]
    public void Limit_NothingIsLeft_KeepsWhatTheBackendCanStore()
    {
        SlotRestrictions narrow = Restrictions with { AllowedNetworks = ["10.0.0.0/8"] };

        Assert.Equal(
            narrow with { IsSuspended = true },
            new Stops { Protocols = [MailProtocol.POP3], Networks = ["192.168.0.0/16"] }.Limit(narrow, Capabilities));
    }

    /// <summary>The mutant: a slot that is left nothing keeps what it had.</summary>
    [Fact]
    public void Limit_NothingIsLeft_IsRefused()
    {
        Assert.True(new Stops { Protocols = [MailProtocol.POP3] }.Limit(Restrictions, Capabilities).IsSuspended);
        Assert.True(new Stops { Networks = ["192.168.0.0/16"] }
            .Limit(Restrictions with { AllowedNetworks = ["10.0.0.0/8"] }, Capabilities).IsSuspended);
    }

    /// <summary>The mutants: what the mail system cannot enforce is not said, or what it can is.</summary>
    [Theory]
    [InlineData(Capabilities, "")]
    [InlineData(Capabilities | BackendCapabilities.Issued,
        "spec.protocols,spec.allowedNetworks,spec.sending of the MailUser")]
    [InlineData(BackendCapabilities.Protocols, "spec.allowedNetworks,spec.sending of the MailUser")]
    internal void Unenforced_Limits_AreThoseThatTheBackendLacks(BackendCapabilities capabilities, string fields) =>
        Assert.Equal(fields, string.Join(',', new Stops
        {
            Protocols = [MailProtocol.IMAP],
            Networks = ["10.0.0.0/8"],
            MaySend = false,
        }.Unenforced(Restrictions, capabilities)));

    /// <summary>The mutants: a limit that the slot keeps already is said not to be enforced.</summary>
    [Fact]
    public void Unenforced_SlotThatIsNarrowEnough_IsNothing()
    {
        Assert.Empty(new Stops { Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP] }
            .Unenforced(Restrictions, BackendCapabilities.Hash));
        Assert.Empty(Stops.None.Unenforced(Restrictions, BackendCapabilities.Hash));
        Assert.Empty(new Stops { MaySend = false }
            .Unenforced(Restrictions with { MaySend = false }, BackendCapabilities.Hash));
    }

    private static MailDevice Device() => new()
    {
        Metadata = new()
        {
            Name = "grafana",
            NamespaceProperty = "shop",
            Uid = "uid-a",
            CreationTimestamp = Created.UtcDateTime,
        },
        Spec = new MailDeviceSpec { Mailbox = "alerts@example.com" },
    };
}
