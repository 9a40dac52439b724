using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>The files in <c>examples/</c> work.</summary>
public sealed class ExampleTests : OperatorTest
{
    public static TheoryData<string> Folders =>
    [
        .. Directory.EnumerateDirectories(Repository.Path("examples")).Select(folder => Path.GetFileName(folder)!)
            .Where(folder => Objects(folder, "MailDevice").Any()).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Apply_DevicesOfAnExample_GetTheirSecrets(string folder)
    {
        foreach (JsonObject source in Objects(folder, "Secret"))
        {
            source["metadata"]!.AsObject().Remove("namespace");
            await Cluster.CreateAsync(ResourceType.Secrets, Namespace, source);
        }

        JsonObject[] devices = [.. Objects(folder, "MailDevice")];
        foreach (JsonObject user in Objects(folder, "MailUser"))
        {
            user["metadata"]!.AsObject().Remove("namespace");
            await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, user);
        }

        foreach (JsonObject device in devices)
        {
            device["metadata"]!.AsObject().Remove("namespace"); // use the namespace of the test
            await Cluster.CreateAsync(ApiGroup.MailDevices, Namespace, device);
        }

        foreach (JsonObject device in devices)
        {
            ObjectKey key = Key((string)device["metadata"]!["name"]!);
            await Bed.WaitForDeviceAsync(key, "CredentialIssued", "True");
            bool isSuspended = (bool?)device["spec"]!["suspended"] ?? false;
            await Bed.WaitForDeviceAsync(
                key, "Ready", isSuspended ? "False" : "True", isSuspended ? Reasons.Suspended : null);

            JsonNode? shape = device["spec"]!["secret"];
            DeviceSecret secret = await Bed.SecretAsync(Key((string?)shape?["name"] ?? key.Name));
            Assert.Equal(
                (string?)shape?["type"] ?? $"servicebinding.io/{secret["type"]}", (string)secret.Json["type"]!);
            Assert.Contains("password", secret.Keys);
        }
    }

    [Fact]
    public async Task Apply_BackendOfDovecotSecret_PutsHashesWhereDovecotsPodMountsThem()
    {
        JsonObject backend = Objects("dovecot-secret", "MailBackend").Single();
        string granted = await Cluster.NewNamespaceAsync(
            "apps", (string)backend["spec"]!["grants"]![0]!["namespaces"]!["selector"]!["matchLabels"]!.ToJsonString());
        string name = (string)backend["metadata"]!["name"]!;
        JsonNode place = backend["spec"]!["passwdFile"]!["secret"]!;
        place["namespace"] = Namespace; // the namespace of the example may not exist
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);

        await Cluster.CreateDeviceAsync(
            granted, "app", $"{{mailbox: app@apps.example.com, backendRef: {{name: {name}}}}}");
        await Cluster.CreateDeviceAsync(
            Namespace, "app", $"{{mailbox: app@apps.example.com, backendRef: {{name: {name}}}}}");

        await Bed.WaitForDeviceAsync(new ObjectKey(granted, "app"), "Ready", "True");
        // Its namespace does not have the label.
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "False", Reasons.NotAllowed);
        DeviceSecret passwd = await Bed.SecretAsync(Key((string)place["name"]!));
        Assert.Contains("imap/app@apps.example.com/", passwd["app-passwords"]); // the file name that the README mounts
        await Cluster.DeleteAsync(ApiGroup.MailDevices, new ObjectKey(granted, "app"));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("app"));
        await Eventually.TrueAsync("both devices are gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, new ObjectKey(granted, "app")) is null
            && await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")) is null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", name));
        await Eventually.TrueAsync("the backend is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", name)) is null);
        await Cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", granted));
    }

    [Theory]
    [InlineData("postgresql", "postgresql")]
    [InlineData("mysql", "mariadb")]
    public async Task Apply_BackendOfADatabase_PutsHashesIntoItsTable(string folder, string engine)
    {
        DatabaseServer database = await DatabaseServer.GetAsync(engine);
        JsonObject secret = Objects(folder, "Secret").Single();
        JsonObject backend = Objects(folder, "MailBackend").Single();
        string name = (string)backend["metadata"]!["name"]!;
        JsonNode sql = backend["spec"]!["sql"]!;
        Assert.Equal((string)secret["metadata"]!["name"]!, (string)sql["credentialsSecret"]!["name"]!);
        (sql["host"], sql["port"], sql["caBundle"]) = (
            "localhost", database.Port, Convert.ToBase64String(database.Spec.CaBundle!));
        secret["stringData"]!["password"] = database.OperatorPassword;
        backend["spec"]!["grants"]![0]!["namespaces"]!["names"]![0] = Namespace;
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, secret);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);

        await Cluster.CreateDeviceAsync(
            Namespace, "app", $"{{mailbox: app@shop.example.com, backendRef: {{name: {name}}}}}");

        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True");
        Assert.Equal(
            "app@shop.example.com",
            (await database.AdminAsync($"SELECT mailbox FROM mail_app_passwords WHERE device = '{Namespace}/app'"))
                .Trim());
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("app"));
        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")) is null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", name));
        await Cluster.DeleteAsync(
            ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, (string)secret["metadata"]!["name"]!));
    }

    [Fact]
    public async Task Apply_BackendOfTheWebhook_PutsHashesIntoTheReferenceServer()
    {
        await using WebhookServer server = await WebhookServer.StartAsync();
        JsonObject secret = Objects("webhook", "Secret").Single();
        JsonObject backend = Objects("webhook", "MailBackend").Single();
        string name = (string)backend["metadata"]!["name"]!;
        Assert.Equal(
            (string)secret["metadata"]!["name"]!, (string)backend["spec"]!["webhook"]!["authSecret"]!["name"]!);
        backend["spec"]!["webhook"]!["url"] = server.Proxy.Url.ToString();
        secret["stringData"]!["token"] = WebhookServer.Token;
        backend["spec"]!["grants"]![0]!["namespaces"]!["names"]![0] = Namespace;
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, secret);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);

        await Cluster.CreateDeviceAsync(
            Namespace, "app", $"{{mailbox: app@shop.example.com, backendRef: {{name: {name}}}}}");

        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True");
        Assert.Contains(server.Proxy.Exchanges, static exchange => exchange.Method == "PUT"
            && exchange.Request.Text.Contains("app@shop.example.com", StringComparison.Ordinal));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("app"));
        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")) is null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", name));
        await Cluster.DeleteAsync(
            ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, (string)secret["metadata"]!["name"]!));
        Assert.Empty(server.Proxy.Violations);
    }

    [Fact]
    public async Task Apply_BackendOfInfomaniak_HasPasswordsMadeThere()
    {
        await using InfomaniakServer server = await InfomaniakServer.StartAsync(domain: "shop.example.com");
        server.Hosting.AddMailbox("app");
        JsonObject secret = Objects("infomaniak", "Secret").Single();
        JsonObject backend = Objects("infomaniak", "MailBackend").Single();
        string name = (string)backend["metadata"]!["name"]!;
        JsonNode infomaniak = backend["spec"]!["infomaniak"]!;
        Assert.Equal((string)secret["metadata"]!["name"]!, (string)infomaniak["tokenSecret"]!["name"]!);
        (infomaniak["serviceId"], infomaniak["url"]) = (InfomaniakHosting.Id, server.Url.ToString());
        secret["stringData"]!["token"] = InfomaniakServer.Token;
        backend["spec"]!["grants"]![0]!["namespaces"]!["names"]![0] = Namespace;
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, secret);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);

        await Cluster.CreateDeviceAsync(
            Namespace, "app", $"{{mailbox: app@shop.example.com, backendRef: {{name: {name}}}}}");

        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True");
        Assert.Equal((await Bed.SecretAsync(Key("app")))["password"], Assert.Single(server.Hosting.Accesses).Password);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("app"));
        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")) is null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", name));
        await Cluster.DeleteAsync(
            ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, (string)secret["metadata"]!["name"]!));
        Assert.Empty(server.Violations);
    }

    [Fact]
    public async Task Apply_BackendOfADirectory_PutsHashesIntoItsEntries()
    {
        DirectoryServer directory = await DirectoryServer.GetAsync();
        JsonObject secret = Objects("openldap", "Secret").Single();
        JsonObject backend = Objects("openldap", "MailBackend").Single();
        string name = (string)backend["metadata"]!["name"]!;
        JsonNode ldap = backend["spec"]!["ldap"]!;
        Assert.Equal((string)secret["metadata"]!["name"]!, (string)ldap["bindSecret"]!["name"]!);
        (ldap["url"], ldap["caBundle"]) = (
            $"ldap://localhost:{directory.Port}", Convert.ToBase64String(directory.CaBundle));
        secret["stringData"]!["password"] = directory.OperatorPassword;
        backend["spec"]!["grants"]![0]!["namespaces"]!["names"]![0] = Namespace;
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, secret);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);

        await Cluster.CreateDeviceAsync(
            Namespace, "app", $"{{mailbox: app@shop.example.com, backendRef: {{name: {name}}}}}");

        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True");
        Assert.Contains(
            "mailOperatorMailbox: app@shop.example.com",
            await directory.SearchAsync($"(mailOperatorDevice={Namespace}/app)"));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("app"));
        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("app")) is null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", name));
        await Cluster.DeleteAsync(
            ResourceType.Secrets, new ObjectKey(ShippedRights.Namespace, (string)secret["metadata"]!["name"]!));
    }

    [Fact]
    public async Task Apply_Invitation_HasALink()
    {
        foreach ((string kind, ResourceType type) in new[]
        {
            ("MailUser", ApiGroup.MailUsers),
            ("DeviceInvitation", ApiGroup.DeviceInvitations),
        })
        {
            JsonObject @object = Objects("invitation", kind).Single();
            @object["metadata"]!.AsObject().Remove("namespace");
            @object["spec"]!.AsObject().Remove("delivery"); // the recipient does not exist
            await Cluster.CreateAsync(type, Namespace, @object);
        }

        await Eventually.TrueAsync("the link is ready", async () =>
            Status.Condition(
                (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("grace-phone")))!,
                "Ready") is { } ready && (string)ready["status"]! == "True");

        Assert.Contains("url", (await Bed.SecretAsync(Key("grace-phone-invitation"))).Keys);
    }

    private static IEnumerable<JsonObject> Objects(string folder, string kind) =>
        Directory.EnumerateFiles(Repository.Path("examples", folder), "*.yaml").SelectMany(YamlJson.ReadAll)
            .Where(@object => (string)@object["kind"]! == kind);
}
