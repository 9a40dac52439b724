namespace MailOperator.MailDevices.Secrets;

/// <summary>What a pass knows of a device's Secret before it looks.</summary>
/// <param name="Written">The Secret as this pass has written it; null if it has not.</param>
/// <param name="IsDeviceNew">
/// This pass has just added the finalizer of a device that never had a password and is to get a generated one.
/// </param>
internal sealed record KnownSecret(SecretState? Written, bool IsDeviceNew)
{
    public static readonly KnownSecret Nothing = new(Written: null, IsDeviceNew: false);
}
