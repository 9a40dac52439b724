using MailOperator.Kubernetes;
using Prometheus;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Counts mails with links. No label names a person or a domain.</summary>
internal sealed class MailMetrics
{
    private readonly Counter.Child _accepted;
    private readonly Counter.Child _failed;
    private readonly Counter.Child _held;

    public MailMetrics(RuntimeMetrics metrics)
    {
        Counter mails = metrics.Count(
            "mails_total",
            "Tries to mail a link: accepted by the relay, failed, or held because the namespace has had its number.",
            "outcome");
        (_accepted, _failed, _held) =
            (mails.WithLabels("accepted"), mails.WithLabels("failed"), mails.WithLabels("held"));
    }

    public void Tried(bool isAccepted) => (isAccepted ? _accepted : _failed).Inc();

    public void Held() => _held.Inc();
}
