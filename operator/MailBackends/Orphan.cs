using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// A slot of this operator whose MailDevice does not exist: its finalizer was removed by force, or its revocation was
/// abandoned.
/// </summary>
/// <param name="Slot">The slot at the backend.</param>
/// <param name="Namespace">Of its device; "" if that is not known.</param>
/// <param name="Since">When it was first seen without a device; whole seconds, UTC.</param>
internal sealed record Orphan(Slot Slot, string Namespace, DateTimeOffset Since);
