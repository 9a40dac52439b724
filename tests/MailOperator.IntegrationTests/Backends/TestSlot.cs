using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>Slots for tests that share a server, each with an owner and a mailbox of its own.</summary>
internal static class TestSlot
{
    public static SlotRestrictions Plain { get; } = new()
    {
        DeviceName = "shop/grafana",
        Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
    };

    public static SlotOwner NewOwner() => new($"instance-{Guid.NewGuid():N}"[..24], $"{Guid.NewGuid()}");

    /// <summary>A slot of the owner, for the mailbox named like its instance.</summary>
    public static Slot Of(SlotOwner owner, string selector) => new()
    {
        Owner = owner,
        Selector = selector,
        Mailbox = $"{owner.Instance}@example.com",
        Hash = "$2y$04$" + new string('h', 53),
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = Plain,
    };
}
