using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.PasswdFile;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>Without spec.client, clients get the servers of Infomaniak's documentation.</summary>
public sealed class InfomaniakClientTests
{
    private static readonly InfomaniakSpec Infomaniak = new() { ServiceId = 1 };

    private static readonly BackendRegistry Registry = new(
        [
            new PasswdFileDriver(null!, null!, TimeProvider.System), // reads nothing before it makes a backend
            new InfomaniakDriver(null!, TimeProvider.System),
        ],
        workers: 1,
        NoMetrics.OfBackends,
        TimeProvider.System);

    [Fact]
    public void Client_LeftOut_IsThatOfTheDocumentation()
    {
        ClientSpec client = Registry.ClientOf(new MailBackendSpec { Infomaniak = Infomaniak });

        Assert.All([client.Imap!, client.Pop3!, client.Smtp!], static endpoint =>
            Assert.Equal(("mail.infomaniak.com", ConnectionSecurity.TLS), (endpoint.Host, endpoint.Security)));
        Assert.Equal([993, 995, 465], [client.Imap!.Port, client.Pop3!.Port, client.Smtp!.Port]);
    }

    [Fact]
    public void Client_OfTheSpec_IsTakenAsItIs()
    {
        var own = new ClientSpec { Imap = new EndpointSpec { Host = "imap.example.com", Port = 993 } };

        Assert.Same(own, Registry.ClientOf(new MailBackendSpec { Infomaniak = Infomaniak, Client = own }));
    }

    [Fact]
    public void Client_LeftOutWithAServerOfOnesOwn_NamesNoEndpoint()
    {
        ClientSpec client = Registry.ClientOf(new MailBackendSpec { PasswdFile = new PasswdFileSpec { Path = "/a" } });

        Assert.True(client is { Imap: null, Pop3: null, Smtp: null });
    }
}
