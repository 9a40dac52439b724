using MailOperator.Api;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>Without spec.client, clients get the servers of Infomaniak's documentation.</summary>
public sealed class InfomaniakClientTests
{
    private static readonly InfomaniakSpec Infomaniak = new() { ServiceId = 1 };

    [Fact]
    public void Client_LeftOut_IsThatOfTheDocumentation()
    {
        ClientSpec client = new MailBackendSpec { Infomaniak = Infomaniak }.EffectiveClient;

        Assert.All([client.Imap!, client.Pop3!, client.Smtp!], static endpoint => Assert.Equal(("mail.infomaniak.com", ConnectionSecurity.TLS), (endpoint.Host, endpoint.Security)));
        Assert.Equal([993, 995, 465], [client.Imap!.Port, client.Pop3!.Port, client.Smtp!.Port]);
    }

    [Fact]
    public void Client_OfTheSpec_IsTakenAsItIs()
    {
        var own = new ClientSpec { Imap = new EndpointSpec { Host = "imap.example.com", Port = 993 } };

        Assert.Same(own, new MailBackendSpec { Infomaniak = Infomaniak, Client = own }.EffectiveClient);
    }
}
