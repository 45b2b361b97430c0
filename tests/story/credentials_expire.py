"""A sign-in, a token and a code end when they should; a password is guessed no faster than Muster answers."""


def sign_in(world, email, password):
    return world.browser().send("POST", "/muster/session", {"email": email, "password": password})


def story(world):
    ana = world.person("Ana", methods=("email",))
    world.api.put("/muster/users/%s/password" % ana.id, {"password": "a long password"}, status=204)
    world.begin("2026-02-10T02:00:00Z")

    cookie = {"Cookie": sign_in(world, ana.email, "a long password").headers["set-cookie"].split(";")[0]}
    token = world.api.post("/muster/tokens", {"token": {"name": "short", "user": ana.reference, "expires_at": "2026-02-11T02:00:00Z"}}, status=201)["token"]["token"]
    with_token = {"Authorization": "Bearer " + token}
    world.step()
    assert world.browser().ask("GET", "/muster/session", headers=cookie)["session"]["email"] == ana.email
    assert world.browser().ask("GET", "/users/me", headers=with_token)["user"]["id"] == ana.id

    # Ten minutes for a code.
    path = "/users/%s/contact_methods" % ana.id
    method = world.api.post(path, {"contact_method": {"type": "sms_contact_method", "label": "New", "country_code": 49, "address": ana.number[3:]}}, status=201)["contact_method"]
    ana.methods["sms"] = method["id"]
    world.api.post("/muster/contact-methods/%s/send-code" % method["id"], status=202)
    code = ana.code_in(ana.last("sms"))
    world.advance(minutes=11)
    late = world.api.send("POST", "/muster/contact-methods/%s/verify" % method["id"], {"code": code})
    assert late.status == 400 and "expired" in late.text, late.text
    assert not world.api.get(path + "/" + method["id"])["contact_method"]["verified"]

    # Guessing waits longer and longer, even for the right password; later it counts again.
    answers = [sign_in(world, ana.email, "guess %d" % number).status for number in range(6)]
    assert answers[0] == 401 and answers[-1] == 429, answers
    assert sign_in(world, ana.email, "a long password").status == 429
    world.advance(hours=1)
    assert sign_in(world, ana.email, "a long password").status == 201

    world.advance(days=1)
    assert world.browser().send("GET", "/users/me", headers=with_token).status == 401
    assert world.browser().send("GET", "/muster/session", headers=cookie).status == 200
    world.advance(days=14)
    assert world.browser().send("GET", "/muster/session", headers=cookie).status == 401

    # Who leaves is signed out at once.
    cookie = {"Cookie": sign_in(world, ana.email, "a long password").headers["set-cookie"].split(";")[0]}
    world.api.delete("/users/" + ana.id, status=204)
    assert world.browser().send("GET", "/muster/session", headers=cookie).status == 401
    assert sign_in(world, ana.email, "a long password").status == 401
