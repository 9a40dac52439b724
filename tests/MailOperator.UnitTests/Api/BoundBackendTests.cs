using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class BoundBackendTests
{
    [Theory]
    [InlineData(null, true, null, null)]
    [InlineData(null, true, "dovecot", "dovecot")] // mutant: the status alone; a crash would lose the place
    [InlineData(null, false, "dovecot", null)] // without the finalizer nothing was begun
    [InlineData("dovecot", true, "other", "dovecot")] // mutant: the annotation, which a tenant may write
    [InlineData("dovecot", false, null, "dovecot")]
    [InlineData("", true, "", null)]
    public void BoundBackend_IsThatOfTheStatusElseOfTheFinalizer(
        string? reported, bool hasFinalizer, string? annotation, string? expected)
    {
        var device = new MailDevice
        {
            Metadata = new()
            {
                Finalizers = hasFinalizer ? [Finalizers.Revocation] : null,
                Annotations = annotation is null
                    ? null
                    : new Dictionary<string, string> { [Annotations.Backend] = annotation },
            },
            Status = reported is null ? null : new MailDeviceStatus { Backend = reported },
        };

        Assert.Equal(expected, device.BoundBackend);
    }
}
