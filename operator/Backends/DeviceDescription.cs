using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>What a mail system that keeps devices and users of its own is told of a device. Two are equal if the user is the same one.</summary>
/// <param name="Type">Chosen once, for the eye.</param>
/// <param name="User">The MailUser's name, for messages; null if the device has none.</param>
/// <param name="UserId">The user's id in the mail system; null if the device has no user, or its MailUser no <c>spec.externalId</c>.</param>
internal sealed record DeviceDescription(DeviceType Type, string? User, string? UserId)
{
    public bool Equals(DeviceDescription? other) => other is not null && UserId == other.UserId;

    public override int GetHashCode() => HashCode.Combine(UserId);
}
