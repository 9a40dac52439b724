using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>The result of probing a MailBackend.</summary>
/// <param name="Ready">The condition Ready.</param>
/// <param name="Capabilities">What the mail system can do; none if that is not known.</param>
/// <param name="Unowned">Passwords without a device; null if the slots could not be listed.</param>
internal sealed record BackendProbe(
    Condition Ready, BackendCapabilities Capabilities, UnownedPlan? Unowned = null);
