using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using k8s;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>The requests of the portal to the API server, and its rights.</summary>
public sealed class RightsTests : PortalTest
{
    private const string User = $"system:serviceaccount:{PortalRights.Namespace}:{PortalRights.Account}";
    private const int Guesses = 10_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Account_OfThePortal_MayReadNoSecretAndWriteNothingButTheStatus()
    {
        TestInvitation invitation = await InviteAsync();
        await Bed.Cluster.CreateAsync(
            ResourceType.Secrets, Namespace,
            "{metadata: {name: a-secret}, stringData: {password: what-the-portal-may-not-read}}");
        using var portal = new Cluster(KubernetesClientConfiguration.BuildConfigFromConfigFile(Bed.Kubeconfig));
        var invited = new ObjectKey(Namespace, "anna-phone");
        Func<Task>[] refused =
        [
            () => portal.FindAsync(ResourceType.Secrets, new ObjectKey(Namespace, "a-secret")),
            () => portal.ListAsync(ResourceType.Secrets, Namespace),
            () => portal.ListAsync(ResourceType.Secrets),
            () => portal.ListAsync(ApiGroup.MailDevices),
            () => portal.ListAsync(ApiGroup.MailBackends),
            () => portal.MergeAsync(ApiGroup.DeviceInvitations, invited, "{metadata: {annotations: {a: b}}}"),
            () => portal.CreateAsync(
                ApiGroup.DeviceInvitations, Namespace,
                "{metadata: {name: mine}, spec: {mailbox: anna@example.com, userRef: {name: anna}}}"),
            () => portal.DeleteAsync(ApiGroup.DeviceInvitations, invited),
            () => portal.CreateAsync(
                ApiGroup.MailDevices, Namespace, "{metadata: {name: mine}, spec: {mailbox: anna@example.com}}"),
        ];

        foreach (Func<Task> attempt in refused)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<ApiException>(attempt)).StatusCode);
        }

        Assert.Single(await portal.ListAsync(ApiGroup.DeviceInvitations, Namespace));
        Assert.Null(await invitation.ClaimAsync());
    }

    [Fact]
    public async Task Guesses_AskTheApiServerNothing_AndAreCounted()
    {
        TestInvitation invitation = await InviteAsync();
        await OpenAsync(await PersonAsync(), invitation);
        using var http = new HttpClient { BaseAddress = Bed.Portal.Address };
        double before = await CountAsync();
        long place = AuditLog.Position;

        var statuses = new ConcurrentBag<HttpStatusCode>();
        await Parallel.ForAsync(
            0, Guesses, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (i, _) =>
            {
                string guess = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
                using HttpResponseMessage answer = i % 2 == 0
                    ? await http.GetAsync(new Uri($"/i/{guess}", UriKind.Relative), Token)
                    : await http.PostAsync(
                        new Uri($"/i/{guess}", UriKind.Relative),
                        new StringContent("signature=x", Encoding.ASCII, "application/x-www-form-urlencoded"), Token);
                statuses.Add(answer.StatusCode);
            });

        Assert.Equal(Guesses, statuses.Count);
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Equal(before + Guesses, await CountAsync());
        Assert.DoesNotContain(AuditLog.Requests(place, User), request => request.Verb != "watch");
    }

    private async Task<double> CountAsync()
    {
        const string Name = "mail_operator_portal_links_refused_total";
        string line = (await Bed.Portal.MetricsAsync())
            .Split('\n')
            .LastOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) ?? $"{Name} 0";
        return double.Parse(line[line.LastIndexOf(' ')..]);
    }
}
