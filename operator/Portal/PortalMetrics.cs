using System.Diagnostics.Metrics;
using MailOperator.Kubernetes;

namespace MailOperator.Portal;

/// <summary>The portal's metrics. No label holds a link, an address or a mailbox.</summary>
internal sealed class PortalMetrics
{
    private readonly Counter<long> _links;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _forms;

    public PortalMetrics(RuntimeMetrics runtime)
    {
        Meter meter = runtime.Meter;
        _links = meter.CreateCounter<long>(
            "portal_links_refused", null, "Requests for a link that is unknown, spent or expired.");
        _claims = meter.CreateCounter<long>(
            "portal_claims", null, "Claims, by outcome.");
        _limited = meter.CreateCounter<long>(
            "portal_requests_limited", null, "Requests refused because there were too many.");
        _forms = meter.CreateCounter<long>(
            "portal_forms_refused", null, "Forms that did not come from a page of the portal.");
    }

    public void LinkRefused() => _links.Add(1);

    public void Claimed(string outcome) => _claims.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Limited() => _limited.Add(1);

    public void FormRefused() => _forms.Add(1);
}
