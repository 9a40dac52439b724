using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>What the API cannot enforce is refused by the name of the field, and not weakened.</summary>
public sealed class InfomaniakRestrictionsTests
{
    private static readonly SlotRestrictions Plain = new()
    {
        DeviceName = "a",
        Protocols = [MailProtocol.IMAP, MailProtocol.SMTP],
    };

    [Theory]
    [InlineData("spec.protocols", MailProtocol.IMAP)]
    [InlineData("spec.protocols", MailProtocol.IMAP, MailProtocol.POP3)]
    [InlineData("only sends", MailProtocol.SMTP)]
    [InlineData(null, MailProtocol.IMAP, MailProtocol.SMTP)]
    [InlineData(null, MailProtocol.POP3, MailProtocol.SMTP)]
    [InlineData(null, MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP)]
    internal void Protocols_AreThoseOfTheApiOrRefused(string? says, params MailProtocol[] protocols) =>
        Judge(Plain with { Protocols = [.. protocols] }, null, null, says);

    [Fact]
    public void Suspension_IsRefused() => Judge(Plain with { IsSuspended = true }, null, null, "spec.suspended");

    [Fact]
    public void Networks_AreRefused() =>
        Judge(Plain with { AllowedNetworks = ["10.0.0.0/8"] }, null, null, "spec.allowedNetworks");

    [Fact]
    public void UserWhoMayNotSend_IsRefused() =>
        Judge(Plain with { MaySend = false }, "ada", "17", "spec.sending of MailUser 'ada'");

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("ada", "17", null)]
    [InlineData("ada", null, "spec.externalId")]
    [InlineData("ada", "u17", "'u17'")]
    [InlineData("ada", "0", "'0'")]
    [InlineData("ada", "-1", "'-1'")]
    [InlineData("ada", "+1", "'+1'")]
    [InlineData("ada", " 1", "' 1'")]
    [InlineData("ada", "99999999999999999999", "spec.userRef")]
    public void User_IsANumberOrRefused(string? user, string? id, string? says) => Judge(Plain, user, id, says);

    private static void Judge(SlotRestrictions restrictions, string? user, string? id, string? says)
    {
        string? problem = InfomaniakRestrictions.Problem(
            restrictions, new DeviceDescription(DeviceType.Other, user, id));

        Assert.Equal(says is null, problem is null);
        Assert.Contains(says ?? "", problem ?? "");
    }
}
