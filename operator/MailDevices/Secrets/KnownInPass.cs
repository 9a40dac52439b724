using MailOperator.Backends;

namespace MailOperator.MailDevices.Secrets;

/// <summary>What a pass knows of a device before it looks.</summary>
/// <param name="Written">The Secret as this pass has written it; null if it has not.</param>
/// <param name="IsDeviceNew">
/// This pass has just added the finalizer of a device that never had a password and is to get a generated one.
/// </param>
/// <param name="Slots">Its slots, if this pass has listed them and changed none since; else null.</param>
internal sealed record KnownInPass(SecretState? Written, bool IsDeviceNew, IReadOnlyList<Slot>? Slots)
{
    public static readonly KnownInPass Nothing = new(Written: null, IsDeviceNew: false, Slots: null);
}
