using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>
/// What is told about a device to a mail system that has its own devices and users. Two are equal if their user is the
/// same.
/// </summary>
/// <param name="Type">For display only, so it is set once and never compared.</param>
/// <param name="User">The MailUser's name, for messages; null if the device has none.</param>
/// <param name="UserId">The user's id in the mail system; null if the device has no user or its MailUser has no
/// <c>spec.externalId</c>.</param>
internal sealed record DeviceDescription(DeviceType Type, string? User, string? UserId)
{
    public bool Equals(DeviceDescription? other) => other is not null && UserId == other.UserId;

    public override int GetHashCode() => HashCode.Combine(UserId);
}
