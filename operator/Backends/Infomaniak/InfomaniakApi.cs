using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>Infomaniak's API for the devices of a mail service.</summary>
internal sealed class InfomaniakApi : IDisposable
{
    public const string DefaultUrl = "https://api.infomaniak.com";

    private const int MaxPasswordLength = 512;
    private const int MaxConnections = 8;
    private const int MaxAnswer = 4 << 20;
    private const int MaxPages = 100;
    private const int MaxList = 8 << 20;

    private readonly InfomaniakSpec _spec;
    private readonly InfomaniakToken _token;
    private readonly TimeProvider _clock;
    private readonly RetryAfterGate _gate;
    private readonly RecentLists _lists;
    private readonly ApiFailures _failures;
    private readonly HttpClient _http;

    public InfomaniakApi(InfomaniakSpec spec, IBackendSecrets secrets, TimeProvider clock)
    {
        _spec = spec;
        _token = new InfomaniakToken(spec, secrets);
        _clock = clock;
        _gate = new RetryAfterGate(clock);
        _lists = new RecentLists(clock);
        _failures = new ApiFailures(spec, _gate, clock);
        Limit = new RequestLimit(clock);
        SocketsHttpHandler handler = BackendHttp.Handler(CaBundle.Read(spec.CaBundle));
        handler.ConnectTimeout = TimeSpan.FromSeconds(3);
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5); // the address of a name may change
        handler.MaxConnectionsPerServer = MaxConnections;
        _http = BackendHttp.Client(handler, MaxAnswer);
    }

    /// <summary>Shared by all uses of the token.</summary>
    public RequestLimit Limit { get; }

    /// <summary>Checks whether the token that the Secret holds now may use the API.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        RequestAllowance allowance = Limit.Begin(who: "", 1);
        await _token.RefreshAsync(cancellationToken);
        await SendAsync<JsonElement>(ApiRequest.Probe, allowance, cancellationToken);
    }

    /// <summary>A recent list of a mailbox, for the first call of a reconcile; reads it if there is none.</summary>
    /// <param name="who">The caller, see <see cref="RequestLimit.Begin"/>.</param>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<DeviceAccess>> LookAsync(
        string who, string mailbox, CancellationToken cancellationToken) =>
        _lists.Find(mailbox) ?? await ListAsync(mailbox, Limit.Begin(who, 1, RequestLimit.Reserve), cancellationToken);

    /// <summary>Reads every access to a mailbox, those of the operator and those of people.</summary>
    public async Task<IReadOnlyList<DeviceAccess>> ListAsync(
        string mailbox, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        long changes = _lists.Changes;
        IReadOnlyList<DeviceAccess> accesses = await WholeAsync(mailbox, allowance, cancellationToken);
        _lists.Keep(mailbox, accesses, changes);
        return accesses;
    }

    public Task<AppPassword> CreateAsync(Slot slot, RequestAllowance allowance, CancellationToken cancellationToken) =>
        _lists.ChangeAsync(
            slot.Mailbox, () => PasswordAsync(ApiRequest.Create(_spec, slot), allowance, cancellationToken));

    public Task<AppPassword> RegenerateAsync(
        string mailbox, DeviceAccess access, RequestAllowance allowance, CancellationToken cancellationToken) =>
        _lists.ChangeAsync(
            mailbox,
            () => PasswordAsync(ApiRequest.Regenerate(_spec, mailbox, access.Id), allowance, cancellationToken));

    public Task RenameAsync(
        string mailbox,
        ApiDevice device,
        string label,
        RequestAllowance allowance,
        CancellationToken cancellationToken) =>
        _lists.ChangeAsync(
            mailbox, () => ChangeAsync(ApiRequest.Rename(device.Id, label), allowance, cancellationToken));

    /// <summary>Ends a password. Succeeds if it does not exist.</summary>
    public Task DeleteAccessAsync(
        string mailbox, DeviceAccess access, RequestAllowance allowance, CancellationToken cancellationToken) =>
        _lists.ChangeAsync(
            mailbox,
            () => DeleteAsync(ApiRequest.DeleteAccess(_spec, mailbox, access.Id), allowance, cancellationToken));

    /// <summary>Removes a device with all its accesses.</summary>
    public Task DeleteDeviceAsync(
        string mailbox, ApiDevice device, RequestAllowance allowance, CancellationToken cancellationToken) =>
        _lists.ChangeAsync(
            mailbox, () => DeleteAsync(ApiRequest.DeleteDevice(device.Id), allowance, cancellationToken));

    /// <summary>Makes the next look read the list again.</summary>
    public void ForgetList(string mailbox) => _lists.Forget(mailbox);

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// The API counts pages anew for each request: a deletion in between moves later accesses to the previous page, and
    /// one of them is on no page that was read. So several pages are read twice and must be equal.
    /// </summary>
    private async Task<IReadOnlyList<DeviceAccess>> WholeAsync(
        string mailbox, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        (IReadOnlyDictionary<long, DeviceAccess> accesses, int pages) = await AllPagesAsync(
            mailbox, allowance, cancellationToken);
        if (pages > 1)
        {
            IEnumerable<long> before = accesses.Keys;
            (accesses, _) = await AllPagesAsync(mailbox, allowance, cancellationToken);
            if (!before.ToHashSet().SetEquals(accesses.Keys))
            {
                throw _failures.Of(
                    ApiRequest.List(_spec, mailbox, page: 1), BackendFailure.Unavailable,
                    "its list changed while it was read");
            }
        }

        return [.. accesses.Values];
    }

    private async Task<(IReadOnlyDictionary<long, DeviceAccess> Accesses, int Pages)> AllPagesAsync(
        string mailbox, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, DeviceAccess>();
        var budget = new AnswerBudget(MaxList);
        for (int page = 1; page <= MaxPages; page++)
        {
            ApiRequest request = ApiRequest.List(_spec, mailbox, page);
            ApiAnswer<DeviceAccess[]> answer = await SendAsync<DeviceAccess[]>(request, allowance, cancellationToken);
            if (!budget.Take(answer.Length))
            {
                throw _failures.NotOfTheApi(request, $"it has more than {MaxList >> 20} MiB over its pages");
            }

            int before = found.Count;
            DeviceAccess[] accesses = answer.Data
                ?? throw _failures.NotOfTheApi(request, "it has no list, not even an empty one");
            if (accesses.Any(static access => access is not { Device: not null, Mailbox: not null }))
            {
                // An access without a label could be one of ours that would count as gone.
                throw _failures.NotOfTheApi(request, "an access lacks its device or its mailbox");
            }

            foreach (DeviceAccess access in accesses)
            {
                found[access.Id] = access;
            }

            int pages = answer.Pages
                ?? throw _failures.NotOfTheApi(request, "it does not say how many pages there are");
            if (page >= pages || found.Count == before)
            {
                return answer.Total == found.Count
                    ? (found, page)
                    : throw _failures.NotOfTheApi(request, "the number of accesses is not its total");
            }
        }

        throw _failures.NotOfTheApi(ApiRequest.List(_spec, mailbox, MaxPages), $"it has more than {MaxPages} pages");
    }

    private async Task<AppPassword> PasswordAsync(
        ApiRequest request, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        ApiAnswer<GeneratedPassword> answer = await SendAsync<GeneratedPassword>(request, allowance, cancellationToken);
        return answer.Data is { Password: var password } && IsUsable(password.Bytes)
            ? password
            : throw _failures.NotOfTheApi(request, "it holds no usable password");
    }

    private static bool IsUsable(ReadOnlySpan<byte> password) =>
        password.Length is > 0 and <= MaxPasswordLength
        && !password.ContainsAnyInRange((byte)0, (byte)' ')
        && !password.Contains((byte)0x7f);

    private async Task<bool> DeleteAsync(
        ApiRequest request, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAsync(request, allowance, cancellationToken);
        }
        catch (MailBackendException e) when (e.Failure == BackendFailure.MailboxNotFound)
        {
            return false;
        }
    }

    private async Task<bool> ChangeAsync(
        ApiRequest request, RequestAllowance allowance, CancellationToken cancellationToken) =>
        (await SendAsync<bool>(request, allowance, cancellationToken)).Data
            ? true
            : throw _failures.NotDone(request, result: null, error: null);

    private async Task<ApiAnswer<T>> SendAsync<T>(
        ApiRequest request, RequestAllowance allowance, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue token = await _token.GetAsync(cancellationToken);
        HttpResponseMessage response = await SendAsync(request, token, allowance, cancellationToken);
        try
        {
            if (response.StatusCode == HttpStatusCode.Unauthorized
                && await _token.RefreshAsync(cancellationToken) is var current
                && current.Parameter != token.Parameter)
            {
                response.Dispose();
                response = await SendAsync(request, current, allowance, cancellationToken);
            }

            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            try
            {
                return Read<T>(request, response, body);
            }
            finally
            {
                Array.Clear(body); // it may hold a password
            }
        }
        finally
        {
            response.Dispose();
        }
    }

    private ApiAnswer<T> Read<T>(ApiRequest request, HttpResponseMessage response, byte[] body)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw _failures.Of(request, response, ErrorIn(body));
        }

        try
        {
            ApiAnswer<T> answer = ApiAnswers.Read<T>(body) with { Length = body.Length };
            return answer.IsSuccess ? answer : throw _failures.NotDone(request, answer.Result, answer.Error);
        }
        catch (JsonException e)
        {
            throw _failures.NotOfTheApi(
                request, e.Path is { Length: > 0 } path ? $"it is invalid at {path}" : "it is invalid");
        }
    }

    private static ApiError? ErrorIn(byte[] body)
    {
        try
        {
            return ApiAnswers.Read<JsonElement>(body).Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Sends the request and reads the whole answer.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        ApiRequest request,
        AuthenticationHeaderValue token,
        RequestAllowance allowance,
        CancellationToken cancellationToken)
    {
        await allowance.SpendAsync(cancellationToken);
        using var message = new HttpRequestMessage(
            request.Method, (_spec.Url ?? DefaultUrl).TrimEnd('/') + request.Path);
        message.Headers.Authorization = token;
        message.Headers.Accept.ParseAdd("application/json");
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return await BackendHttp.SendAsync(
            _http, message, new BackendCall(_gate, request.Timeout, _clock, e => _failures.Unreachable(request, e)),
            cancellationToken);
    }
}
