using System.Text;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.PasswdFile;
using MailOperator.Backends.Sql;
using MailOperator.Backends.Webhook;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>docs/backends.md agrees with the code of each driver.</summary>
public sealed class BackendsPageTests
{
    // The lines of the page are as wide as those of this file, so each is made of two.
    private const string Head =
        "<!-- Made from the drivers in operator/Backends. "
        + "Change them, then run the unit tests with UPDATE_DOCS=1. -->\n"
        + "# What each backend can do\n\n"
        + "A MailBackend lists its capabilities in `status.capabilities`. "
        + "A field that a backend cannot enforce is refused with the\n"
        + "reason `Unsupported`, never ignored. "
        + "If a backend cannot expire passwords itself, the operator ends them, while one\n"
        + "runs.\n\n";

    private static readonly Dictionary<BackendCapabilities, string> Meanings = new()
    {
        [BackendCapabilities.Hash] = "accepts a hash and never sees a password",
        [BackendCapabilities.Overlap] = "accepts the old and the new password of a rotation at the same time",
        [BackendCapabilities.Protocols] = "limits a device to its `protocols`",
        [BackendCapabilities.SendRight] = "can block sending alone, for a MailUser with `sending: Denied`",
        [BackendCapabilities.Networks] = "limits a device to its `allowedNetworks`",
        [BackendCapabilities.Expiry] = "ends a password on time, even while no operator runs",
        [BackendCapabilities.List] = "lists its credentials, so that drift and orphans are found",
        [BackendCapabilities.ChosenPassword] = "accepts chosen passwords, if a grant allows them",
        [BackendCapabilities.LastUse] = "reports the last login of a device",
        [BackendCapabilities.Issued] =
            "generates the passwords itself: you cannot choose them, their length or their alphabet",
    };

    [Fact]
    public void Page_InTheRepository_AgreesWithTheDrivers()
    {
        string file = Repository.Path("docs", "backends.md");
        string page = Render();

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.True(File.Exists(file), $"{file} is missing; create it with UPDATE_DOCS=1.");
        Assert.Equal(page, File.ReadAllText(file));
    }

    private static string Render()
    {
        Driver[] drivers = [.. Drivers()];
        var page = new StringBuilder(Head);
        page.Append($"""
            | capability | | {string.Join(" | ", drivers.Select(static driver => driver.Title))} |
            |---|---|{string.Concat(drivers.Select(static _ => "---|"))}

            """.ReplaceLineEndings("\n"));
        foreach (BackendCapabilities one in Enum.GetValues<BackendCapabilities>()
            .Where(static one => one != BackendCapabilities.None))
        {
            string cells = string.Join(" | ", drivers.Select(
                driver => driver.Plain.HasFlag(one) ? "yes" : driver.Most.HasFlag(one) ? driver.Condition : "no"));
            page.Append($"| `{one}` | {Meanings[one]} | {cells} |\n");
        }

        return page.ToString();
    }

    private static IEnumerable<Driver> Drivers()
    {
        var file = new PasswdFileDriver(null!, null!, TimeProvider.System); // for a path it asks no API server
        yield return new Driver(
            $"[`{file.Key}`](dovecot.md)",
            file.Create(
                new MailBackendSpec { PasswdFile = new PasswdFileSpec { Path = "/app-passwords" } }).Capabilities,
            file.Create(new MailBackendSpec
            {
                PasswdFile = new PasswdFileSpec
                {
                    Path = "/app-passwords",
                    LoginLog = new LoginLogSpec { Path = "/logins" },
                },
            }).Capabilities,
            "with `loginLog`");
        var sql = new SqlDriver(null!); // connects when it is used
        BackendCapabilities ofSql = sql.Create(
            new MailBackendSpec { Sql = new SqlSpec { Host = "db.example.com", Database = "mail" } }).Capabilities;
        yield return new Driver($"[`{sql.Key}`](sql.md)", ofSql, ofSql, "");
        var ldap = new LdapDriver(null!);
        yield return new Driver(
            $"[`{ldap.Key}`](ldap.md)",
            ldap.Create(new MailBackendSpec { Ldap = new LdapSpec { Url = "ldap://ldap.example.com" } }).Capabilities,
            ldap.Create(new MailBackendSpec
            {
                Ldap = new LdapSpec { Url = "ldap://ldap.example.com", PasswordPolicy = "cn=policy" },
            }).Capabilities,
            "with `passwordPolicy`");
        var webhook = new WebhookDriver(null!, TimeProvider.System); // asks when it is used
        yield return new Driver(
            $"[`{webhook.Key}`](webhook.md)",
            webhook.Create(new MailBackendSpec { Webhook = new WebhookSpec() }).Capabilities,
            webhook.Create(new MailBackendSpec
            {
                Webhook = new WebhookSpec { Capabilities = Enum.GetValues<WebhookCapability>() },
            }).Capabilities,
            "if declared");
        var infomaniak = new InfomaniakDriver(null!, TimeProvider.System); // connects when it is used
        BackendCapabilities ofInfomaniak =
            infomaniak.Create(new MailBackendSpec { Infomaniak = new InfomaniakSpec() }).Capabilities;
        yield return new Driver($"[`{infomaniak.Key}`](infomaniak.md)", ofInfomaniak, ofInfomaniak, "");
    }

    /// <summary>A column of the table: what the driver can do in every case, and at most under a condition.</summary>
    private sealed record Driver(string Title, BackendCapabilities Plain, BackendCapabilities Most, string Condition);
}
