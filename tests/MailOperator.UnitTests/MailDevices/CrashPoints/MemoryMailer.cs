using MailOperator.DeviceInvitations.Delivery;
using MimeKit;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>One process's connection to a relay that records the mails.</summary>
internal sealed class MemoryMailer(World world, Wire wire) : IInvitationMailer
{
    public async Task<DeliveryResult> SendAsync(
        SmtpRelay relay, MimeMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await wire.CallAsync(
                "mail", isWrite: true, () => { world.Mails.Add((message, world.Clock.GetUtcNow())); return true; },
                static () => new IOException("connection reset"));
            return new DeliveryResult(null, relay.ToString());
        }
        catch (IOException)
        {
            return new DeliveryResult($"{relay} hung up", relay.ToString());
        }
    }
}
