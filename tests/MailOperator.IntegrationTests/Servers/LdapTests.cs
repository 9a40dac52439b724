using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>Passwords in OpenLDAP.</summary>
public sealed class LdapTests : LookupServerTests
{
    protected override string Engine => "ldap";

    protected override string Choice => "chose*)(n \"with\" all that\\must be 'escaped";

    protected override string NextChoice => "another choice (of the same person)";

    // Six characters that a filter escapes, that end in half of an escape sequence or letter, and fewer than six.
    protected override IReadOnlyList<string> AwkwardPasswords { get; } =
        [
            "*", "**", "\\", "k", "******", "((((((((", "))))))", "\\\\\\\\\\\\", "abcde*xyz", "abcd*xyz", "abc*xyz",
            "abcde\\xyz", "abcde(xyz", "abcd)xyz", "abcde\u20acxyz", "abcd\u00e9", "%s%u%w",
        ];

    [Fact]
    public async Task Suspended_WhatOnlyBinds_IsRefusedToo()
    {
        // Mutant: a suspension is enforced by the search filter only.
        await StartAsync();
        DirectoryServer directory = await DirectoryServer.GetAsync();
        await CreateAsync("plain");
        DeviceSecret plain = await ReadyAsync("plain");
        string dn =
            $"mailOperatorSelector={plain["password"][..6]},mailOperatorMailbox={Mailbox},{DirectoryServer.BaseDn}";
        Assert.Equal(0, await directory.BindAsync(dn, plain["password"]));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("plain"), "{spec: {suspended: true}}");
        await Bed.WaitForDeviceAsync(Key("plain"), "Ready", "False", Reasons.Suspended);

        Assert.Equal(49, await directory.BindAsync(dn, plain["password"]));
    }

    protected override IReadOnlyList<string> AwkwardNames(string name) =>
        ["*", $"{name[..^14]}*@example.com", $"{name})(objectClass=*", "\\2a"];

    internal override async Task<ILookupServer> ServerAsync() => await DirectoryServer.GetAsync();
}
