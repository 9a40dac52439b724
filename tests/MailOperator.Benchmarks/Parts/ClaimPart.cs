using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;
using MailOperator.Kubernetes;

namespace MailOperator.Benchmarks.Parts;

/// <summary>People who take their passwords on the page at the same time.</summary>
internal sealed partial class ClaimPart : Part
{
    private static readonly int People = Scale.Of(50);
    private const int Rounds = 3;
    private const int WorkFactor = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Figure Visible = new(
        $"POST to the password on the page, {People} at once, p50", "ms", Target.AtMostTimes(1.2));

    public override string Name => "claim";

    public override IReadOnlyList<Figure> Figures => [Visible];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync(WorkFactor);
        await bench.OperatorAsync();
        await using Pod portal = await bench.StartPortalAsync();
        await bench.Cluster.CreateAsync(
            ApiGroup.MailUsers, bench.Namespace, "{metadata: {name: ada}, spec: {displayName: Ada Lovelace}}");
        BareChain chain = await bench.ChainAsync();
        (List<double> times, List<double> limits) = ([], []);
        for (int round = 0; round <= Rounds; round++)
        {
            string[] names = DeviceLoad.Names(bench.Prefix(), People);
            Uri[] links = await Task.WhenAll(names.Select(name => InviteAsync(bench, name, backend)));
            double hash = People / HashSpeed.PerSecond(WorkFactor, People) * 1000;
            LoadTimes bare = await chain.CreateAsync(DeviceLoad.Names(bench.Prefix(), People), People);
            double[] claimed = await ClaimAsync(links);
            if (round > 0) // the first warms up
            {
                times.Add(Statistics.Median(claimed));
                // Half of the hashes are done after half of the time.
                limits.Add((hash / 2) + Statistics.Median(bare.Milliseconds));
            }
        }

        results.Add(
            Visible, Statistics.Median(times), Statistics.Median(limits),
            $"limit: the p50 of {People} hashes at work factor {WorkFactor} on all cores, and of as many devices made "
            + "by a bare client at once, which stands for status and slot");
    }

    private static async Task<Uri> InviteAsync(Bench bench, string name, string backend)
    {
        await bench.Cluster.CreateAsync(
            ApiGroup.DeviceInvitations, bench.Namespace,
            $"{{metadata: {{name: {name}}}, spec: {{mailbox: {name}@example.com, userRef: {{name: ada}}, "
            + $"backendRef: {{name: {backend}}}}}}}");
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await bench.Cluster.FindAsync(
                ResourceType.Secrets, new ObjectKey(bench.Namespace, $"{name}-invitation")) is JsonObject secret)
            {
                return new Uri(Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]!["url"]!)));
            }

            await PauseAsync(start, $"link of {name}");
        }
    }

    private static async Task<double[]> ClaimAsync(Uri[] links)
    {
        Person[] people = await Task.WhenAll(links.Select(OpenAsync));
        var times = new ConcurrentBag<double>();
        await Task.WhenAll(people.Select(async person =>
        {
            using (person.Browser)
            {
                long start = Stopwatch.GetTimestamp();
                using var form = new FormUrlEncodedContent(person.Form);
                using HttpResponseMessage posted = await person.Browser.PostAsync(person.Link, form);
                string page = await posted.Content.ReadAsStringAsync();
                while (!page.Contains("id=\"password\"", StringComparison.Ordinal))
                {
                    await PauseAsync(start, $"password on the page, which answered {(int)posted.StatusCode}");
                    page = await person.Browser.GetStringAsync(person.Link);
                }

                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }));
        return [.. times];
    }

    private static async Task<Person> OpenAsync(Uri link)
    {
        var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
        browser.DefaultRequestHeaders.Add("Origin", link.GetLeftPart(UriPartial.Authority));
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            using HttpResponseMessage answer = await browser.GetAsync(link);
            if (answer.IsSuccessStatusCode)
            {
                return new Person(browser, link, [.. HiddenFields().Matches(await answer.Content.ReadAsStringAsync())
                    .Select(static field => KeyValuePair.Create(
                        field.Groups["name"].Value, WebUtility.HtmlDecode(field.Groups["value"].Value)))]);
            }

            await PauseAsync(start, "page of the link");
        }
    }

    private static async Task PauseAsync(long since, string what)
    {
        if (Stopwatch.GetElapsedTime(since) > Patience)
        {
            throw new TimeoutException($"After {Patience.TotalSeconds} s there is no {what}.");
        }

        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)" value="(?<value>[^"]*)">""")]
    private static partial Regex HiddenFields();

    private sealed record Person(HttpClient Browser, Uri Link, KeyValuePair<string, string>[] Form);
}
