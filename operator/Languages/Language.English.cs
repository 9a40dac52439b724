namespace MailOperator.Languages;

internal sealed partial class Language
{
    public static readonly Language English = new()
    {
        Code = "en",
        Name = "English",
        Months =
        [
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ],
        DateAndTime = "{0} {1} {2}, {3}",
        Page = new()
        {
            LanguageLabel = "Language",
            SkipToContent = "Skip to content",

            OpenTitle = "A password for your device",
            Greeting = "Hello {0}",
            OpenLead = "You get a password of its own for this one device. It can be withdrawn later without touching "
                + "your other devices.",
            Mailbox = "Mailbox",
            Device = "Device",
            ValidUntil = "Link valid until",
            OnceBefore = "The password is shown once, and cannot be shown again later. "
                + "Have the device or your password manager at hand.",
            Create = "Create the password",
            OwnSummary = "I would rather choose my own",
            OwnLabel = "Your own password",
            OwnRulesLead = "It must have:",
            OwnRuleLength = "16 to 72 characters",
            OwnRuleCharacters = "only unaccented letters, digits, spaces and common symbols",
            OwnRuleEdges = "no space at the beginning or at the end",
            OwnRuleWords = "no part of your address, and not the name of the service",
            OwnRuleRows = "10 characters or more, if each row such as aaaa, 1234 or abcabc counts as one",
            OwnRuleCommon = "10 characters or more, if a well-known password such as qwerty counts as one",
            OwnAdvice = "Take one that you use nowhere else.",
            OwnButton = "Use this password",
            OwnErrorLength = "This password does not have 16 to 72 characters.",
            OwnErrorCharacters =
                "This password has a character that not every mail program can type: an accent, an umlaut or an emoji.",
            OwnErrorEdges = "This password begins or ends with a space.",
            OwnErrorWords = "This password contains your address, a part of it, or the name of the service.",
            OwnErrorRows = "This password is mostly repetitions, or rows such as aaaa, 1234 or abcabc.",
            OwnErrorCommon = "This password is mostly made of well-known passwords.",
            PhoneSummary = "Continue on a phone",
            PhoneText = "Point the phone’s camera at this code to open the link there. Do not create the password "
                + "here, then: the link works once.",
            DidNotGoThrough = "That did not go through. The link is still unused: please try once more.",

            TakenTitle = "There is a password already",
            TakenText = "You have used this link in this browser before. The password from then is the one that "
                + "counts; what you have just sent was not taken.",

            WaitingTitle = "Your password is being set up",
            WaitingText = "The mail server is learning about it. This takes a few seconds.",
            WaitingAway = "The mail server does not answer at the moment. Nothing is lost: "
                + "it goes on by itself as soon as the server is back.",
            WaitingRefused = "The mail system has not accepted the password yet. Please tell whoever sent you the "
                + "link; this page goes on by itself when it is solved.",
            WaitingKeep = "You may close this page and open the link again within {0} days, in this same browser.",
            LookAgain = "Look again",

            ReadyTitle = "Your password is ready",
            ReadyLead = "It is valid from now on, for this one device.",
            Password = "Password",
            Show = "Show",
            Hide = "Hide",
            Copy = "Copy",
            Copied = "Copied",
            OnceAfter = "Save it now. In {0} minutes, or when you say that you are done, it is gone from this page and "
                + "cannot be shown again.",
            OwnKnown = "It is the password that you typed when you first sent the form. Only you know it, "
                + "so it cannot be shown here.",
            Done = "I have saved it",
            DoneHint = "Does your app send and receive mail? Then take the password off this page.",
            DoneTitle = "All done",
            DoneText =
                "The password is no longer on this page. If you ever lose it, ask whoever invited you for a new link.",

            SettingsTitle = "Settings for your mail app",
            Incoming = "Receiving ({0})",
            Outgoing = "Sending ({0})",
            Server = "Server",
            Port = "Port",
            Security = "Security",
            SecurityNone = "none",
            Username = "User name",
            PasswordAsAbove = "the one above",

            AppsTitle = "Set up an app",
            AppleTitle = "iPhone, iPad and Mac",
            AppleLead = "The profile has all settings and the password in it: delete the file once it is installed.",
            AppleDownload = "Download the profile",
            AppleSteps =
            [
                "Download the profile on the device itself, with Safari.",
                "Open Settings (on a Mac: System Settings, General, Device Management) and choose the "
                + "downloaded profile.",
                "Install it. The mailbox is then in the Mail app.",
            ],
            ThunderbirdSteps =
            [
                "Choose “New account”, then “Email”, and type your name and the mailbox.",
                "If it asks for a password, paste the one above.",
                "If the settings are not found, choose “Configure manually” and type those of the table.",
            ],
            OutlookSteps =
            [
                "Choose “File”, “Add account” and type the mailbox.",
                "Choose “Advanced options”, “Let me set up my account manually”, then IMAP or POP.",
                "Type the settings of the table, then the password.",
            ],
            OtherTitle = "Another app",
            OtherSteps =
            [
                "Add an account of the kind “Other” or “IMAP”.",
                "Type the settings of the table; sending needs the user name and the password too.",
            ],

            UnusableTitle = "This link cannot be used",
            UnusableText = "It has been used already, it has expired, or it was not copied completely.",
            UnusableAdvice = "Ask whoever sent it to you for a new one.",
            UnusableSameBrowser = "You have just created a password in this browser?",
            OpenAgain = "Open the link again",
            TooManyTitle = "Too many requests",
            TooManyText = "Please wait a minute, then open the link again. It is not used up.",
            FailedTitle = "That did not work",
            FailedText = "Something failed on our side. Please open the link again in a moment.",
            FormTitle = "Please open the link again",
            FormText =
                "This form was too old, or your browser keeps no cookies for this page. The link is not used up.",
        },
        Mail = new()
        {
            Subject = "Your link to a mail password",
            Greeting = "Hello {0},",
            Lead = "With this link you get a password for the mailbox {0} on your device “{1}”, and the "
                + "settings to go with it.",
            Button = "Get the password",
            Until = "The link works until {0}.",
            Once = "It can be used once, so open it when you have the device at hand.",
            Fallback = "If the button does nothing, copy this link into your browser:",
            Unexpected = "You did not expect this mail? Then do not open the link and tell your administrator.",
        },
    };
}
